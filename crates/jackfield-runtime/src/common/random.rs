//! Random bytes from the operating system.

use std::fmt;

use zeroize::Zeroizing;

/// Returns cryptographically secure random bytes, which are overwritten when dropped.
///
/// # Errors
/// Returns an error if the operating system provides no random bytes.
pub(crate) fn random_bytes<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomBytes> {
    let mut bytes = Zeroizing::new([0; N]);
    jackfield_vault::fill_random(bytes.as_mut()).map_err(|_| NoRandomBytes)?;
    Ok(bytes)
}

/// Returns an unpredictable id. `None` if the operating system provides no random bytes.
pub fn random_id() -> Option<String> {
    random_bytes::<16>().ok().map(|bytes| jackfield_recipe::hex_encode(&bytes[..]))
}

/// The error if the operating system provides no random bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoRandomBytes;

impl fmt::Display for NoRandomBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system provides no random bytes")
    }
}

impl std::error::Error for NoRandomBytes {}
