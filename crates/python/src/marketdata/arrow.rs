//! Frames across the boundary, by the Arrow `PyCapsule` protocol: nothing is copied on the way in.

use std::borrow::Cow;
use std::ffi::CStr;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use arrow_array::types::{Decimal128Type, Int8Type, Int64Type, UInt32Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Decimal128Array, RecordBatch, RecordBatchIterator,
    RecordBatchReader,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use outcry_marketdata::Numbers;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::errors::invalid_value;

const STREAM: &CStr = c"arrow_array_stream";
/// Decimals of 128 bits are told to have so many digits.
const DIGITS: u8 = 38;

/// Columns of one frame, for anything that reads the Arrow `PyCapsule` protocol.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct Table {
    batch: RecordBatch,
}

#[pymethods]
impl Table {
    /// The columns as a stream of one batch.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // A wish for another schema may be passed over, by the protocol.
        let _ = requested_schema;
        let batches = [Ok::<_, ArrowError>(self.batch.clone())];
        let reader = RecordBatchIterator::new(batches, self.batch.schema());
        let stream = FFI_ArrowArrayStream::new(Box::new(reader));
        PyCapsule::new_with_value(py, stream, STREAM)
    }
}

impl Table {
    /// A table of columns by name; they are as long as each other.
    pub(crate) fn new(columns: Vec<(&str, ArrayRef)>) -> Self {
        let fields: Vec<_> = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays);
        Self {
            batch: batch.expect("the columns are made of the same rows"),
        }
    }
}

/// A column of decimals of this scale.
pub(crate) fn decimals(values: impl IntoIterator<Item = Option<i128>>, scale: u8) -> ArrayRef {
    let array: Decimal128Array = values.into_iter().collect();
    let typed = array.with_precision_and_scale(DIGITS, scale.min(DIGITS).cast_signed());
    Arc::new(typed.expect("the scale is within the digits"))
}

/// The columns of a frame that came in.
pub(crate) struct Columns {
    batch: RecordBatch,
}

impl Columns {
    /// Reads a frame of one chunk.
    pub(crate) fn read(frame: &Bound<'_, PyAny>) -> PyResult<Self> {
        let capsule = frame.call_method0("__arrow_c_stream__")?;
        let capsule = capsule.cast::<PyCapsule>()?;
        let pointer = capsule.pointer_checked(Some(STREAM))?;
        // SAFETY: a capsule of this name holds such a stream, by the protocol; the stream is moved
        // out of it, and what stays behind is marked as released.
        let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.cast().as_ptr()) };
        let reader =
            RecordBatchStreamReader::try_new(stream).map_err(|error| unreadable(&error))?;
        let schema = reader.schema();
        let mut batches = Vec::new();
        for batch in reader {
            batches.push(batch.map_err(|error| unreadable(&error))?);
        }
        batches.retain(|batch| batch.num_rows() > 0);
        let batch = match batches.len() {
            0 => RecordBatch::new_empty(schema),
            1 => batches.swap_remove(0),
            count => {
                return Err(invalid_value(
                    "frame",
                    &count.to_string(),
                    "chunks: one is read",
                ));
            }
        };
        Ok(Self { batch })
    }

    pub(crate) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    fn column(&self, name: &str) -> PyResult<&ArrayRef> {
        let found = self.batch.column_by_name(name);
        let column = found.ok_or_else(|| invalid_value(name, "no column", "must be there"))?;
        if column.null_count() > 0 {
            return Err(invalid_value(name, "null", "must stand nowhere"));
        }
        Ok(column)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.batch.column_by_name(name).is_some()
    }

    pub(crate) fn int64(&self, name: &str) -> PyResult<&[i64]> {
        let column = self.column(name)?;
        let typed = column.as_primitive_opt::<Int64Type>();
        typed
            .map(|array| &array.values()[..])
            .ok_or_else(|| wrong_type(name, column.data_type(), "Int64"))
    }

    pub(crate) fn int8(&self, name: &str) -> PyResult<&[i8]> {
        let column = self.column(name)?;
        let typed = column.as_primitive_opt::<Int8Type>();
        typed
            .map(|array| &array.values()[..])
            .ok_or_else(|| wrong_type(name, column.data_type(), "Int8"))
    }

    pub(crate) fn flags(&self, name: &str) -> PyResult<&BooleanArray> {
        let column = self.column(name)?;
        let typed = column.as_boolean_opt();
        typed.ok_or_else(|| wrong_type(name, column.data_type(), "Boolean"))
    }

    pub(crate) fn uint32(&self, name: &str) -> PyResult<&[u32]> {
        let column = self.column(name)?;
        let typed = column.as_primitive_opt::<UInt32Type>();
        typed
            .map(|array| &array.values()[..])
            .ok_or_else(|| wrong_type(name, column.data_type(), "UInt32"))
    }

    /// Integers: 64 bits wide, or decimals taken as their integers.
    pub(crate) fn numbers(&self, name: &str) -> PyResult<Numbers<'_>> {
        let column = self.column(name)?;
        if let Some(array) = column.as_primitive_opt::<Int64Type>() {
            return Ok(Numbers::Narrow(array.values()));
        }
        let typed = column.as_primitive_opt::<Decimal128Type>();
        typed
            .map(|array| Numbers::Wide(array.values()))
            .ok_or_else(|| wrong_type(name, column.data_type(), "Int64 or Decimal"))
    }

    /// Integers as 128 bits, copied where they are narrower.
    pub(crate) fn wide(&self, name: &str) -> PyResult<Cow<'_, [i128]>> {
        Ok(match self.numbers(name)? {
            Numbers::Wide(values) => Cow::Borrowed(values),
            Numbers::Narrow(values) => values.iter().map(|value| i128::from(*value)).collect(),
        })
    }
}

fn wrong_type(name: &str, found: &DataType, wanted: &str) -> PyErr {
    invalid_value(name, &found.to_string(), &format!("must be {wanted}"))
}

fn unreadable(error: &ArrowError) -> PyErr {
    invalid_value("frame", "data", &format!("cannot be read: {error}"))
}
