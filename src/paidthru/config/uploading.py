"""What is uploaded is refused early where it is far too large: before it is read, not after."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

MOST = 3 * 1024 * 1024
"""Bytes of a form with a file, all fields together. A roster, which may be long, has its own limit (views/imports)."""
_LONG_ONES = ("/import/",)


class EarlyRefusal(FileUploadHandler):
    """Stops reading a form that says it is too large, as soon as its file begins. The fields before the file are
    there; the request says `upload_refused`."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._too_large = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803 - Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        """Looks at how long the form says it is."""
        own = self.request is not None and not any(part in self.request.path for part in _LONG_ONES)
        self._too_large = own and content_length > MOST

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins: it is let be where it is too large."""
        super().new_file(*args, **kwargs)
        if self._too_large:
            self.request.upload_refused = True  # type: ignore[union-attr]  # for the view to say so
            raise StopUpload(connection_reset=True)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hands everything on."""
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        """Keeps nothing: the next one does."""
        return None
