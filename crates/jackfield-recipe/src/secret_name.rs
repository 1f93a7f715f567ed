//! Recognises names of values that are probably secrets.

use crate::words::words;

/// The maximum number of characters of a name that are examined.
const LONGEST: usize = 256;

/// Parts of a name that indicate a secret, in any spelling: `clientSecret`, `X-API-Key`, `APIKEY`.
const PARTS: [&str; 16] = [
    "accesskey",
    "accountkey",
    "apikey",
    "authkey",
    "authorization",
    "credential",
    "encryptionkey",
    "masterkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "sessionkey",
    "sharedkey",
    "signingkey",
];

/// Endings of a name that indicate a secret, even in a name without separators: `authtoken`.
const ENDS: [&str; 4] = ["jwt", "otp", "pin", "token"];

/// Whole words that indicate a secret.
const WORDS: [&str; 11] =
    ["bearer", "cvc", "cvv", "jwt", "otp", "passcode", "pin", "pwd", "signature", "token", "tokens"];

/// Words before `tokens` that indicate a count: `max_tokens`.
const COUNTS: [&str; 9] = ["completion", "count", "input", "max", "min", "num", "output", "prompt", "total"];

/// Whether the name of a value suggests a secret, which must not appear in records and questions. In doubt the answer is yes:
/// `page_token` counts as a secret, but `max_tokens` does not. `key` alone does not count, because it usually names an object or
/// an issue.
///
/// ```
/// use jackfield_recipe::names_secret;
///
/// assert!(names_secret("clientSecret") && names_secret("X-API-Key"));
/// assert!(!names_secret("monkey"));
/// ```
pub fn names_secret(name: &str) -> bool {
    // The end of a long name is examined, because it contains the last word.
    let start = name.char_indices().rev().nth(LONGEST - 1).map_or(0, |(at, _)| at);
    let name = &name[start..];
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let joined: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    if PARTS.iter().any(|part| joined.contains(part)) || ENDS.iter().any(|end| joined.ends_with(end)) {
        return true;
    }
    let words = words(name);
    let mut before = "";
    for word in &words {
        let is_count = word == "tokens" && COUNTS.contains(&before);
        if !is_count && WORDS.contains(&word.as_str()) {
            return true;
        }
        before = word;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_recognized_by_its_name_in_every_spelling() {
        for name in [
            "apikey",
            "APIKEY",
            "api_key",
            "X-API-Key",
            "accessKey",
            "accesskey",
            "privateKeyPem",
            "account_key",
            "encryptionKey",
            "password",
            "passwords",
            "userPassword2",
            "passwd",
            "pwd",
            "passphrase",
            "passcode",
            "otp",
            "totp",
            "pin",
            "PIN",
            "userpin",
            "token",
            "tokens",
            "refresh-tokens",
            "authtoken",
            "secret",
            "client_secrets",
            "jwt",
            "idJwt",
            "bearer",
            "bearerValue",
            "signature",
            "Authorization",
            "proxy_authorization",
            "credential",
            "credentials",
        ] {
            assert!(names_secret(name), "{name}");
        }
        for name in [
            "",
            "key",
            "objectKey",
            "monkey",
            "keyboard",
            "max_tokens",
            "maxTokens",
            "pinned",
            "option",
            "author",
            "authorized",
            "tokenizer",
            "design",
            "passenger",
            "secre",
        ] {
            assert!(!names_secret(name), "{name}");
        }
    }

    #[test]
    fn long_secret_name_is_recognised_by_its_end() {
        let long = "ä".repeat(1_000_000);
        assert!(names_secret(&format!("{long}_token")));
        assert!(!names_secret(&format!("{long}_colour")));
    }
}
