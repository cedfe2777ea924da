"""What the bot paints with. `base` is the port; each other public module is one painter."""
