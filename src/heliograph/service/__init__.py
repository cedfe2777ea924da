"""The doors to the product for http, console and cli: one a concern, each in a module of its own.

A door takes the user and shows nothing of another's. It checks what was asked, writes rows through
the ports, and says so on the bus; whatever takes time is done by those who hear it.
"""
