"""``python -m flowtrace`` is the command ``flowtrace``."""

from flowtrace.cli import main

if __name__ == "__main__":
    main()
