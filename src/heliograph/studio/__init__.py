"""Our own bot: it takes the interactions that the Midjourney bot takes, and answers as it does."""
