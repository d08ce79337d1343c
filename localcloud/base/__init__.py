"""What every room stands on: the addresses, the guard before each server, and the emulator as our servers call it."""
