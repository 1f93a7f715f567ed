//! The hash chain that one process writes to the audit.

use jackfield_recipe::{hex_decode, hex_encode};
use ring::hmac;

use crate::common::random::random_bytes;

/// The number of bytes of a MAC.
const CODE: usize = 32;

/// The MAC (HMAC-SHA-256) of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code([u8; CODE]);

impl Code {
    /// Stands for the MAC of the record before the first record of a chain.
    pub(crate) const NONE: Self = Self([0; CODE]);

    /// Parses a MAC from hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        hex_decode(text).map(Self)
    }

    /// Returns the MAC as hexadecimal digits.
    pub(crate) fn to_hex(self) -> String {
        hex_encode(&self.0)
    }
}

/// The keys of an audit, derived from one secret in the vault.
#[derive(Clone)]
pub struct AuditKey {
    records: hmac::Key,
    heads: hmac::Key,
    arguments: hmac::Key,
}

impl AuditKey {
    /// Derives the keys of records, heads and arguments from 32 random bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        let master = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derive = |purpose: &str| {
            hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&master, purpose.as_bytes()).as_ref())
        };
        Self {
            records: derive("jackfield audit records"),
            heads: derive("jackfield audit heads"),
            arguments: derive("jackfield audit arguments"),
        }
    }

    /// Returns an identifier of the key that does not reveal the key.
    pub(crate) fn id(&self) -> String {
        hex_encode(hmac::sign(&self.heads, b"id").as_ref()).chars().take(16).collect()
    }

    /// Returns a keyed digest of arguments. Without the key, the arguments cannot be found by hashing guesses.
    pub(crate) fn arguments(&self, digest: &[u8; 32]) -> String {
        hex_encode(hmac::sign(&self.arguments, digest).as_ref())
    }

    /// Returns the MAC of a record. It covers the MAC of the previous record too.
    pub(crate) fn record(&self, previous: Code, text: &str) -> Code {
        let mut context = hmac::Context::with_key(&self.records);
        context.update(&previous.0);
        context.update(text.as_bytes());
        code_of(context.sign())
    }

    /// Returns the MAC of the text of a head.
    pub(crate) fn head(&self, text: &str) -> Code {
        code_of(hmac::sign(&self.heads, text.as_bytes()))
    }
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AuditKey({})", self.id())
    }
}

fn code_of(tag: hmac::Tag) -> Code {
    let mut code = [0; CODE];
    code.copy_from_slice(tag.as_ref());
    Code(code)
}

/// The end of a chain, where the next record is appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The id of the writer: 32 hexadecimal digits.
    pub(crate) writer: String,
    /// The sequence number of the next record, counted from 0.
    pub(crate) next: u64,
    /// The MAC of the last record.
    pub(crate) last: Code,
}

impl Chain {
    /// Creates a chain with a random writer id.
    ///
    /// # Errors
    /// Returns an error if the system provides no random bytes.
    pub(crate) fn new() -> Result<Self, crate::common::random::NoRandomBytes> {
        let writer = hex_encode(random_bytes::<16>()?.as_ref());
        Ok(Self { writer, next: 0, last: Code::NONE })
    }

    /// Appends a record and returns its line. `fields` are the members of its JSON object.
    pub(crate) fn add(&mut self, key: &AuditKey, fields: &str) -> String {
        let text = format!(r#"{{"writer":"{}","seq":{},{fields}"#, self.writer, self.next);
        let code = key.record(self.last, &text);
        self.last = code;
        self.next += 1;
        format!("{text},\"mac\":\"{}\"}}\n", code.to_hex())
    }
}
