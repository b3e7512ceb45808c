//! Bytes across the boundary: any contiguous buffer in, read-only buffers out, neither copied.

use std::ffi::c_int;
use std::ops::Deref;

use outcry_protocol::RecordBuffer;
use pyo3::buffer::PyUntypedBuffer;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

use crate::errors::malformed_record;

/// Defines a row that only this crate hands out, with its layout for `NumPy`.
macro_rules! row {
    ($(#[$meta:meta])* $name:ident {
        $($(#[$field_meta:meta])* $field:ident: $ty:ty = $code:expr,)+
    }) => {
        $(#[$meta])*
        #[repr(C)]
        #[derive(
            Debug, Clone, Copy, Default,
            zerocopy::IntoBytes, zerocopy::TryFromBytes, zerocopy::Immutable, zerocopy::KnownLayout,
        )]
        pub(crate) struct $name { $($(#[$field_meta])* pub(crate) $field: $ty,)+ }

        impl $name {
            /// Its name, size and fields.
            pub(crate) const LAYOUT: outcry_protocol::NamedLayout = (
                stringify!($name),
                size_of::<Self>(),
                &[$(outcry_protocol::Field {
                    name: stringify!($field),
                    offset: core::mem::offset_of!($name, $field),
                    field_type: $code,
                }),+],
            );
        }
    };
}
pub(crate) use row;

const WORD: outcry_protocol::FieldType = outcry_protocol::FieldType::Scalar("<u8");
const SIGNED_WORD: outcry_protocol::FieldType = outcry_protocol::FieldType::Scalar("<i8");

row! {
    /// One level of one side of a book.
    LevelRow {
        /// The level's price.
        price_ticks: i64 = SIGNED_WORD,
        /// What is shown there.
        quantity_lots: u64 = WORD,
        /// How many orders stand there.
        orders: u64 = WORD,
    }
}

/// Rows that a buffer can export.
trait Rows: Send + Sync {
    fn bytes(&self) -> &[u8];
}

impl<T: IntoBytes + Immutable + Send + Sync> Rows for Vec<T> {
    fn bytes(&self) -> &[u8] {
        self.as_slice().as_bytes()
    }
}

/// Read-only bytes that the core made, exported without a copy: `numpy.frombuffer(records, dtype)`
/// wraps them, `bytes(records)` copies them.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct Records {
    rows: Box<dyn Rows>,
    /// Engine time behind the commands whose events these are; 0 for other rows.
    #[pyo3(get)]
    time_ns: u64,
}

impl Records {
    /// The same rows, as of this engine time.
    pub(crate) fn at(self, time_ns: u64) -> Self {
        Self { time_ns, ..self }
    }
}

impl<T: IntoBytes + Immutable + Send + Sync + 'static> From<Vec<T>> for Records {
    fn from(rows: Vec<T>) -> Self {
        Self {
            rows: Box::new(rows),
            time_ns: 0,
        }
    }
}

#[pymethods]
impl Records {
    /// The length in bytes.
    fn __len__(&self) -> usize {
        self.rows.bytes().len()
    }

    /// # Safety
    /// The interpreter gives a view to fill.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let bytes = slf.get().rows.bytes();
        let length = ffi::Py_ssize_t::try_from(bytes.len())?;
        // SAFETY: the object is frozen and owns the bytes, which neither move nor change; the view
        // holds a reference to it, and read-only is said.
        let filled = unsafe {
            let start = bytes.as_ptr().cast_mut().cast();
            ffi::PyBuffer_FillInfo(view, slf.as_ptr(), start, length, 1, flags)
        };
        if filled == 0 {
            Ok(())
        } else {
            Err(PyErr::fetch(slf.py()))
        }
    }
}

/// The bytes of a Python object, at an address at which records can be read: in place where the
/// object has them so, else a copy.
pub(crate) enum AlignedBytes {
    /// The object's own bytes, kept alive by the view.
    InPlace(PyUntypedBuffer),
    /// A copy of bytes that stood at an odd address.
    Copied(RecordBuffer),
}

impl AlignedBytes {
    /// # Errors
    /// `TypeError` for an object without a buffer, `BufferError` for one that is not contiguous.
    pub(crate) fn of(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let view = PyUntypedBuffer::get(object)?;
        if !view.is_c_contiguous() {
            return Err(PyBufferError::new_err(
                "records: the buffer is not contiguous",
            ));
        }
        let in_place = Self::InPlace(view);
        if RecordBuffer::is_aligned(&in_place) {
            return Ok(in_place);
        }
        Ok(Self::Copied(RecordBuffer::copy_of(&in_place)))
    }
}

impl Deref for AlignedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Copied(buffer) => buffer.as_bytes(),
            Self::InPlace(view) if view.len_bytes() == 0 => &[],
            // SAFETY: the view is contiguous, holds the object alive, and has this many bytes. As
            // everywhere in Python, the caller sees to it that nobody writes into a buffer while
            // another thread reads it; the docstring of `apply_batch` says so.
            Self::InPlace(view) => unsafe {
                std::slice::from_raw_parts(view.buf_ptr().cast::<u8>(), view.len_bytes())
            },
        }
    }
}

/// Rows that this crate handed out, or Python made alike.
///
/// # Errors
/// `MalformedRecord` where the bytes are no such rows.
pub(crate) fn rows_in<T: TryFromBytes + KnownLayout + Immutable>(
    bytes: &AlignedBytes,
) -> PyResult<&[T]> {
    <[T]>::try_ref_from_bytes(bytes).map_err(|_| {
        let (length, size) = (bytes.len(), size_of::<T>());
        malformed_record(0, &format!("rows: {length} bytes are no rows of {size}"))
    })
}
