//! Timeouts and retries of calls to a service.

/// The timeouts of the phases of a call, in seconds. `None` means that the timeout of the whole call applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TimeLimits {
    /// The timeout until a connection is ready, including name resolution, the proxy and TLS.
    pub connect: Option<u32>,
    /// The timeout until the reply to one request begins, including the connection.
    pub first_byte: Option<u32>,
    /// The timeout between two chunks of a reply.
    pub between_bytes: Option<u32>,
    /// The timeout of the whole call, including credentials, retries and redirects.
    pub total: Option<u32>,
    /// The timeout of a whole call that sends or stores a file. It replaces `total`.
    pub transfer: Option<u32>,
}

impl TimeLimits {
    /// The maximum of a timeout in seconds.
    pub const MOST: u32 = 600;
    /// The maximum of the transfer timeout in seconds: a day.
    pub const MOST_TRANSFER: u32 = 86_400;

    /// Creates limits that are all `None`.
    pub const fn new() -> Self {
        Self { connect: None, first_byte: None, between_bytes: None, total: None, transfer: None }
    }

    /// Sets the timeout of a connection.
    #[must_use]
    pub const fn connect(self, seconds: u32) -> Self {
        Self { connect: Some(seconds), ..self }
    }

    /// Sets the timeout until a reply begins.
    #[must_use]
    pub const fn first_byte(self, seconds: u32) -> Self {
        Self { first_byte: Some(seconds), ..self }
    }

    /// Sets the timeout between two chunks of a reply.
    #[must_use]
    pub const fn between_bytes(self, seconds: u32) -> Self {
        Self { between_bytes: Some(seconds), ..self }
    }

    /// Sets the timeout of the whole call.
    #[must_use]
    pub const fn total(self, seconds: u32) -> Self {
        Self { total: Some(seconds), ..self }
    }

    /// Sets the timeout of a whole call that sends or stores a file.
    #[must_use]
    pub const fn transfer(self, seconds: u32) -> Self {
        Self { transfer: Some(seconds), ..self }
    }
}

/// The limits of retries and of the circuit breaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RetryLimits {
    /// The maximum number of attempts of a call. 1 disables retries.
    pub attempts: Option<u32>,
    /// The number of consecutive failures after which the circuit breaker of a host opens. 0 disables circuit breakers.
    pub breaker: Option<u32>,
}

impl RetryLimits {
    /// The maximum number of attempts that can be set.
    pub const MOST_ATTEMPTS: u32 = 10;
    /// The maximum number of consecutive failures that can be set.
    pub const MOST_FAILURES: u32 = 1000;

    /// Creates limits that are all `None`.
    pub const fn new() -> Self {
        Self { attempts: None, breaker: None }
    }

    /// Sets the maximum number of attempts of a call.
    #[must_use]
    pub const fn attempts(self, attempts: u32) -> Self {
        Self { attempts: Some(attempts), ..self }
    }

    /// Sets the number of consecutive failures after which the circuit breaker of a host opens.
    #[must_use]
    pub const fn breaker(self, failures: u32) -> Self {
        Self { breaker: Some(failures), ..self }
    }
}

/// Whether a header carries an idempotency key by its name: the words of the name include `idempotency` or `idempotent`, and `key` or
/// `token`, as in `Idempotency-Key` and `X-Idempotency-Token`.
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
    fn idempotency_key_header_is_recognised_by_the_words_of_its_name() {
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
