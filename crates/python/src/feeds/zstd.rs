//! Zstandard, a bounded piece at a time.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

/// Decompresses frames that come in pieces.
#[pyclass(module = "outcry._native")]
pub(crate) struct ZstdReader {
    decoder: Decoder<'static>,
    is_whole: bool,
}

#[pymethods]
impl ZstdReader {
    #[new]
    fn new() -> PyResult<Self> {
        Ok(Self {
            decoder: Decoder::new()?,
            is_whole: true,
        })
    }

    /// Decompresses from an offset on until `room` bytes are made or the piece ends.
    ///
    /// Returns what was made and the offset up to which the piece was read.
    fn read<'py>(
        &mut self,
        py: Python<'py>,
        piece: &[u8],
        offset: usize,
        room: usize,
    ) -> PyResult<(Bound<'py, PyBytes>, usize)> {
        let mut made = vec![0; room];
        let mut input = InBuffer::around(piece.get(offset..).unwrap_or_default());
        let mut output = OutBuffer::around(made.as_mut_slice());
        let done = py.detach(|| -> std::io::Result<()> {
            while output.pos() < room {
                let before = (input.pos(), output.pos());
                let hint = self.decoder.run(&mut input, &mut output)?;
                if before == (input.pos(), output.pos()) {
                    break;
                }
                self.is_whole = hint == 0;
            }
            Ok(())
        });
        done.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let (read, length) = (input.pos(), output.pos());
        Ok((PyBytes::new(py, &made[..length]), offset + read))
    }

    /// Whether the last frame has come to its end.
    #[getter]
    fn is_whole(&self) -> bool {
        self.is_whole
    }
}
