"""The network client: the `Wire` over Discord's own REST and gateway."""
