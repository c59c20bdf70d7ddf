"""`python -m bot`: the terminal (see `bot.cli`)."""

from bot.cli import main

if __name__ == "__main__":
    main()
