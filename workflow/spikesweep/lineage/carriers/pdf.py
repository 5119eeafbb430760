"""PDF: the entry /spikesweep of the document information dictionary."""

import io

from spikesweep.lineage.carriers.key import KEY


def embed(content: bytes, text: str) -> bytes:
    """Return a PDF file with a text in it."""
    # Imported where it is needed, for stamping other formats does not.
    import pikepdf

    carrying = io.BytesIO()
    with _opened(content) as pdf:
        pdf.docinfo[f"/{KEY}"] = text
        pdf.save(
            carrying,
            # A hash of the content; the usual one holds the time.
            deterministic_id=True,
            # Leaves the entry in plain sight, for grep and for readers of any age.
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            # Copies the drawing as it is: compressed anew, it would depend on zlib's version.
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
        )
    return carrying.getvalue()


def extract(content: bytes) -> str | None:
    """Return the text in a PDF file, or None."""
    import pikepdf

    with _opened(content) as pdf:
        about = pdf.trailer.get("/Info")
        if not isinstance(about, pikepdf.Dictionary):
            return None
        text = about.get(f"/{KEY}")
        if text is not None and not isinstance(text, pikepdf.String):
            raise ValueError("its lineage is no text")
        return None if text is None else str(text)


def replaced(content: bytes, old: bytes, new: bytes) -> bytes:
    """Return a PDF file with a part of its text replaced by one of equal length."""
    return content.replace(old, new)


def _opened(content: bytes):
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(content))
    except pikepdf.PdfError as error:
        raise ValueError(str(error)) from None
