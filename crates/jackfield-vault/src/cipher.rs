//! The one primitive: AES-256-GCM with a random nonce.
//!
//! What a nonce of 96 random bits allows, 2^32 sealings under one key, is more than a vault sees: two per write.

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

use crate::error::Error;
use crate::hex;

pub(crate) const NONCE: usize = 12;
pub(crate) const TAG: usize = 16;

/// The key of a vault: 32 bytes, overwritten when they go. They stay where they are, since a move would leave a copy.
pub(crate) struct VaultKey(Box<Zeroizing<[u8; 32]>>);

/// What sealing makes: a nonce, and the ciphertext with its tag behind it.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) nonce: [u8; NONCE],
    pub(crate) bytes: Vec<u8>,
}

impl VaultKey {
    /// The key that this fills in.
    pub(crate) fn filled<E>(fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut key = Self(Box::new(Zeroizing::new([0; 32])));
        fill(key.0.as_mut_slice())?;
        Ok(key)
    }

    pub(crate) fn random() -> Result<Self, Error> {
        Self::filled(fill_random)
    }

    /// The key as hexadecimal digits and back, as key files and keyrings hold it.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_slice()))
    }

    pub(crate) fn from_text(text: &str) -> Option<Self> {
        Self::filled(|key| hex::decode_into(text, key).ok_or(())).ok()
    }

    /// What names the key and tells nothing of it. It also binds a file to one key, which GCM alone does not.
    pub(crate) fn id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"jackfield vault 1 key id\n");
        hash.update(self.0.as_slice());
        hex::encode(&hash.finalize()[..16])
    }

    /// Seals the text, bound to the associated data.
    pub(crate) fn seal(&self, text: &[u8], bound_to: &[u8]) -> Result<Sealed, Error> {
        let nonce: [u8; NONCE] = random()?;
        let payload = Payload { msg: text, aad: bound_to };
        let sealed = self.cipher().encrypt(&nonce.into(), payload);
        // Only texts of 64 GiB are refused, and what is sealed here is bounded far below.
        let bytes = sealed.expect("what is sealed is short");
        Ok(Sealed { nonce, bytes })
    }

    /// The text, if it was sealed with this key and bound to this data.
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

/// Bytes of the system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}

/// Fills the bytes from the system's generator, for this crate and for what is above it.
///
/// # Errors
/// The system has none to give.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| Error::Random { error: error.to_string() })
}
