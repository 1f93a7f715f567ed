//! Encryption with AES-256-GCM and random nonces, the only cipher of the vault.
//!
//! Random 96-bit nonces allow 2^32 encryptions with one key. A vault uses two nonces for each write.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;
use crate::hex;

pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

/// The key of a vault: 32 bytes on the heap, which are overwritten when dropped. They are boxed, because moving an array would
/// leave a copy in memory.
pub(crate) struct VaultKey(Box<Zeroizing<[u8; 32]>>);

/// A nonce with a ciphertext, which ends with the authentication tag.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) nonce: [u8; NONCE],
    pub(crate) bytes: Vec<u8>,
}

impl VaultKey {
    /// Creates a key whose bytes are set by `fill`.
    pub(crate) fn filled<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Self(Box::new(Zeroizing::new([0; 32])));
        fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    pub(crate) fn random() -> Result<Self, Error> {
        Self::filled(fill_random)
    }

    /// Returns the key in hexadecimal, as key files and keyrings store it.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::filled(|key| hex::decode_into(text, key).ok_or(())).ok()
    }

    /// Returns the id of the key, which reveals nothing about the key. A vault file contains the id, because GCM alone does not bind
    /// a ciphertext to one key.
    pub(crate) fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"jackfield vault 1 key id\n");
        hash.update(self.0.as_slice());
        hex::encode(&hash.finalize()[..16])
    }

    /// Encrypts a text. `bound_to` is the associated data.
    pub(crate) fn seal(&self, text: &[u8], bound_to: &[u8]) -> Result<Sealed, Error> {
        let nonce: [u8; NONCE] = random()?;
        let payload = Payload { msg: text, aad: bound_to };
        let sealed = self.cipher().encrypt(&nonce.into(), payload);
        // Encryption fails only beyond 64 GiB, and secrets are limited to 64 KiB.
        let bytes = sealed.expect("secrets and files are bounded");
        Ok(Sealed { nonce, bytes })
    }

    /// Decrypts a text. `None` if the key, the ciphertext or the associated data differs.
    pub(crate) fn open(&self, sealed: &Sealed, bound_to: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg: &sealed.bytes, aad: bound_to };
        self.cipher().decrypt(&sealed.nonce.into(), payload).ok()
    }

    fn cipher(&self) -> Aes256Gcm {
        let mut bytes = (**self.0).into();
        let cipher = Aes256Gcm::new(&bytes);
        bytes.zeroize();
        cipher
    }
}

/// Returns random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}

/// Fills a slice with random bytes from the operating system, for this crate and the crates that use it.
///
/// # Errors
/// Returns an error if the operating system provides no random bytes.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::Random { error: error.to_string() })
}
