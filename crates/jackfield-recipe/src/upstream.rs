//! How patiently a connector treats its service: time limits and retries.

/// The time limits of the phases of a call, in seconds. A phase without a limit has that of the whole call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeLimits {
    /// Until a connection is ready, with its name, its proxy and TLS.
    pub connect: Option<u32>,
    /// Until the reply to one request begins, including the connection.
    pub first_byte: Option<u32>,
    /// Between two parts of a reply.
    pub between_bytes: Option<u32>,
    /// The whole call, with its credentials, retries and redirects.
    pub total: Option<u32>,
    /// A whole call that sends or stores a file, instead of `total`.
    pub transfer: Option<u32>,
}

impl TimeLimits {
    /// The most seconds of a limit.
    pub const MOST: u32 = 600;
    /// The most seconds of a transfer: a day.
    pub const MOST_TRANSFER: u32 = 86_400;

    /// The default limits.
    pub const fn new() -> Self {
        Self { connect: None, first_byte: None, between_bytes: None, total: None, transfer: None }
    }

    /// Sets the limit of a connection.
    #[must_use]
    pub const fn connect(self, seconds: u32) -> Self {
        Self { connect: Some(seconds), ..self }
    }

    /// Sets the limit until a reply begins.
    #[must_use]
    pub const fn first_byte(self, seconds: u32) -> Self {
        Self { first_byte: Some(seconds), ..self }
    }

    /// Sets the limit between two parts of a reply.
    #[must_use]
    pub const fn between_bytes(self, seconds: u32) -> Self {
        Self { between_bytes: Some(seconds), ..self }
    }

    /// Sets the limit of the whole call.
    #[must_use]
    pub const fn total(self, seconds: u32) -> Self {
        Self { total: Some(seconds), ..self }
    }

    /// Sets the limit of a whole call that sends or stores a file.
    #[must_use]
    pub const fn transfer(self, seconds: u32) -> Self {
        Self { transfer: Some(seconds), ..self }
    }
}

/// How often requests are repeated, and when a failing host is left alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RetryLimits {
    /// The most attempts of a call; 1 repeats nothing.
    pub attempts: Option<u32>,
    /// The failures in a row after which a host is left alone for a while; 0 never does.
    pub breaker: Option<u32>,
}

impl RetryLimits {
    /// The most attempts of a call.
    pub const MOST_ATTEMPTS: u32 = 10;
    /// The most failures in a row.
    pub const MOST_FAILURES: u32 = 1000;

    /// The default limits.
    pub const fn new() -> Self {
        Self { attempts: None, breaker: None }
    }

    /// Sets the most attempts of a call.
    #[must_use]
    pub const fn attempts(self, attempts: u32) -> Self {
        Self { attempts: Some(attempts), ..self }
    }

    /// Sets the failures in a row after which a host is left alone.
    #[must_use]
    pub const fn breaker(self, failures: u32) -> Self {
        Self { breaker: Some(failures), ..self }
    }
}

/// Whether a header is an idempotency key by its name: among its words are `idempotency` or `idempotent` and `key` or `token`, as
/// in `Idempotency-Key` and `X-Idempotency-Token`.
pub fn is_idempotency_key(header: &str) -> bool {
    let has = |words: [&str; 2]| {
        header.split(['-', '_']).any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
    };
    has(["idempotency", "idempotent"]) && has(["key", "token"])
        || ["idempotencykey", "xidempotencykey"].iter().any(|whole| header.eq_ignore_ascii_case(whole))
}

#[cfg(test)]
mod tests {
    use super::is_idempotency_key;

    #[test]
    fn idempotency_keys_are_recognised_by_the_words_of_their_names() {
        for name in [
            "Idempotency-Key",
            "idempotency-key",
            "X-Idempotency-Key",
            "x_idempotency_token",
            "Acme-Idempotency-Key",
            "IdempotencyKey",
        ] {
            assert!(is_idempotency_key(name), "{name}");
        }
        for name in ["x-api-key", "Idempotency", "x-idempotency-expires", "key", "X-Request-Id", ""] {
            assert!(!is_idempotency_key(name), "{name}");
        }
    }
}
