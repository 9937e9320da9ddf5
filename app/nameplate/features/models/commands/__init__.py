"""The commands about models and this computer."""
