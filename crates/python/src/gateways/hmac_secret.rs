//! A secret that client and server share, and the signatures made with it.

use hmac::{Hmac, KeyInit, Mac};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A signature in hexadecimal digits has so many of them.
const DIGITS: usize = 64;

/// A secret of HMAC-SHA256 (RFC 2104); the hash of the padded secret is begun once.
#[pyclass(frozen, module = "outcry._native")]
pub(crate) struct HmacSecret {
    begun: Hmac<Sha256>,
    secret: Vec<u8>,
}

#[pymethods]
impl HmacSecret {
    #[new]
    #[pyo3(signature = (secret, /))]
    fn new(secret: &[u8]) -> PyResult<Self> {
        let begun = Hmac::new_from_slice(secret);
        Ok(Self {
            begun: begun.map_err(|error| PyValueError::new_err(error.to_string()))?,
            secret: secret.to_vec(),
        })
    }

    /// Tell whether a signature, in hexadecimal digits of either case, is that of the payload.
    ///
    /// The time that it takes says nothing of where the signature differs.
    #[pyo3(signature = (payload, signature, /))]
    fn verify(&self, payload: &[u8], signature: &Bound<'_, PyString>) -> bool {
        let Some(told) = signature.to_str().ok().and_then(digest_of) else {
            return false;
        };
        let mut mac = self.begun.clone();
        mac.update(payload);
        mac.verify_slice(&told).is_ok()
    }

    /// Tell whether the text is the secret, in a time that says nothing of where it differs.
    #[pyo3(signature = (text, /))]
    fn is_secret(&self, text: &Bound<'_, PyString>) -> bool {
        let text = text.to_str();
        text.is_ok_and(|text| self.secret.ct_eq(text.as_bytes()).into())
    }

    /// What the key is kept by.
    fn material<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.secret)
    }
}

/// The bytes that hexadecimal digits say.
fn digest_of(text: &str) -> Option<[u8; DIGITS / 2]> {
    let digits: &[u8; DIGITS] = text.as_bytes().try_into().ok()?;
    let mut digest = [0; DIGITS / 2];
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        let high = char::from(pair[0]).to_digit(16)?;
        let low = char::from(pair[1]).to_digit(16)?;
        *byte = (high << 4 | low) as u8;
    }
    Some(digest)
}
