"""The bytes of a recording, in pieces of bounded size: from a file or from standard input.

What they are compressed with is told by how they begin, whatever the name says: gzip, Zstandard, or
a zip archive of one file.
"""

import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from outcry._native import ZstdReader
from outcry.feeds.recording import MalformedRecording, Progress

STDIN: Final = "-"
PIECE_BYTES: Final = 1 << 20
# Formats are told by no more than this, however small the pieces are that come.
HEAD_BYTES: Final = 1 << 16
GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
ZIP_MAGICS: Final = (b"PK\x03\x04", b"PK\x05\x06")
PARQUET_MAGIC: Final = b"PAR1"
# A whole document is read at once where a source has no lines, so its size is bounded.
DOCUMENT_BYTES_MAX: Final = 1 << 28
_GZIP_BITS: Final = 31


class ByteSource:
    """A recording open for one reading; a context manager.

    Attributes:
        path: The file; `-` for standard input.
        size: Its bytes as it lies on the disk, None where they are not known.
    """

    def __init__(self, path: Path | str, progress: Progress | None = None) -> None:
        """Open the recording.

        Raises:
            MalformedRecording: A zip archive that does not hold one file, or comes by a pipe.
            OSError: The file cannot be read.
        """
        self.path = Path(path)
        self._progress = progress
        self._read = 0
        is_stdin = str(path) == STDIN
        self.size = None if is_stdin else self.path.stat().st_size
        self._raw: BinaryIO = sys.stdin.buffer if is_stdin else self.path.open("rb")
        self._archive: zipfile.ZipFile | None = None
        try:
            self._first = self._read_raw()
            self.is_parquet = self._first.startswith(PARQUET_MAGIC)
            self._pieces = self._decompressed(is_stdin)
            self._head = self._begin()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._archive is not None:
            self._archive.close()
        if self._raw is not sys.stdin.buffer:
            self._raw.close()

    @property
    def head(self) -> bytes:
        """The first piece, which tells what the recording is."""
        return self._head

    def pieces(self) -> Iterator[bytes]:
        """Yield the content once, about `PIECE_BYTES` at most at a time.

        Raises:
            MalformedRecording: The compression is broken.
        """
        if self._head:
            yield self._head
        yield from self._pieces

    def document(self) -> bytes:
        """Return all of the content.

        Raises:
            MalformedRecording: It is larger than `DOCUMENT_BYTES_MAX`, or compressed wrongly.
        """
        content = bytearray()
        for piece in self.pieces():
            content += piece
            if len(content) > DOCUMENT_BYTES_MAX:
                raise self.malformed("length", f"the document is above {DOCUMENT_BYTES_MAX} bytes")
        return bytes(content)

    def malformed(self, field: str, problem: str) -> MalformedRecording:
        """Return an error at the place that was read last."""
        return MalformedRecording(self.path, f"byte {self._read}", field, problem)

    def _begin(self) -> bytes:
        """Return the first bytes, enough to tell the format where there are so many."""
        head = b""
        while len(head) < HEAD_BYTES and (piece := next(self._pieces, b"")):
            head += piece
        return head

    def _read_raw(self) -> bytes:
        piece = self._raw.read(PIECE_BYTES)
        self._read += len(piece)
        if self._progress is not None:
            self._progress(self._read)
        return piece

    def _raw_pieces(self) -> Iterator[bytes]:
        piece, self._first = self._first, b""
        while piece:
            yield piece
            piece = self._read_raw()

    def _decompressed(self, is_stdin: bool) -> Iterator[bytes]:
        if self._first.startswith(GZIP_MAGIC):
            return self._gunzipped()
        if self._first.startswith(ZSTD_MAGIC):
            return self._unzstandarded()
        if self._first.startswith(ZIP_MAGICS):
            if is_stdin:
                raise self.malformed("zip", "an archive is read from a file only, not from a pipe")
            return self._unzipped()
        return self._raw_pieces()

    def _gunzipped(self) -> Iterator[bytes]:
        decoder = zlib.decompressobj(_GZIP_BITS)
        try:
            for piece in self._raw_pieces():
                rest = piece
                while rest:
                    if decoder.eof and not (rest := rest.lstrip(b"\0")):
                        # Zeros pad what tapes and blocks leave over; no member begins with one.
                        break
                    if decoder.eof:
                        decoder = zlib.decompressobj(_GZIP_BITS)
                    if made := decoder.decompress(rest, PIECE_BYTES):
                        yield made
                    rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
            while made := decoder.decompress(decoder.unconsumed_tail, PIECE_BYTES):
                yield made
        except zlib.error as error:
            raise self.malformed("gzip", str(error)) from None
        if not decoder.eof:
            raise self.malformed("gzip", "the file ends before the compressed stream does")

    def _unzstandarded(self) -> Iterator[bytes]:
        decoder = ZstdReader()
        try:
            for piece in self._raw_pieces():
                offset, made = 0, b""
                # A full answer may have left more inside the decoder.
                while offset < len(piece) or len(made) == PIECE_BYTES:
                    made, offset = decoder.read(piece, offset, PIECE_BYTES)
                    if made:
                        yield made
        except ValueError as error:
            raise self.malformed("zstd", str(error)) from None
        if not decoder.is_whole:
            raise self.malformed("zstd", "the file ends before the compressed stream does")

    def _unzipped(self) -> Iterator[bytes]:
        try:
            archive = zipfile.ZipFile(self.path)
        except zipfile.BadZipFile as error:
            raise self.malformed("zip", str(error)) from None
        self._archive = archive
        names = [entry for entry in archive.infolist() if not entry.is_dir()]
        if len(names) != 1:
            raise self.malformed("zip", f"the archive has {len(names)} files, not 1")
        return self._zip_pieces(archive, names[0])

    def _zip_pieces(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with archive.open(entry) as content:
                while piece := content.read(PIECE_BYTES):
                    if self._progress is not None and entry.file_size:
                        share = content.tell() / entry.file_size
                        self._progress(int((self.size or 0) * share))
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise self.malformed("zip", str(error)) from None
