"""What people see on Discord: commands, listener, buttons, cards. Thin: no SQL, no scoring."""
