"""What every feature on Discord is built with."""
