"""A stand-in for Discord with our own bot behind it: REST, gateway and CDN on one port.

For testing clients of Discord's, ours and anybody's; `docs/sandbox.md` shows how.
"""
