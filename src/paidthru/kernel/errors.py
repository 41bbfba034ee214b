"""The one kind of error a person is meant to read."""


class Refused(Exception):  # noqa: N818 - a refusal is an answer, and read as one
    """Something was asked for that cannot be done, said so that a person can go on.

    `code` is stable snake_case and part of the product's promise (stories and the API rely on it); `message`
    is in the user's words; `fix` is the way out. `field`, `row` and `value` say where, when input is at
    fault: the field's name, the row's number as the person counts it, and the value as it was given.
    Faces translate this error; nothing else in the product reports failure by a return value.
    """

    def __init__(
        self,
        code: str,
        message: str,
        field: str | None = None,
        row: int | None = None,
        value: object = None,
        fix: str | None = None,
    ) -> None:
        # All of them are args, so that the error survives pickling between processes.
        super().__init__(code, message, field, row, value, fix)
        self.code = code
        self.message = message
        self.field = field
        self.row = row
        self.value = value
        self.fix = fix

    def __str__(self) -> str:
        return self.message

    def as_dict(self) -> dict[str, object]:
        """The error as JSON-able data; parts that are not known are left out, `value` becomes text."""
        parts: dict[str, object] = {"code": self.code, "message": self.message}
        if self.field is not None:
            parts["field"] = self.field
        if self.row is not None:
            parts["row"] = self.row
        if self.value is not None:
            parts["value"] = str(self.value)
        if self.fix is not None:
            parts["fix"] = self.fix
        return parts
