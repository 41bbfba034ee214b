"""x"""


def reworded(text: str) -> str:
    return text
