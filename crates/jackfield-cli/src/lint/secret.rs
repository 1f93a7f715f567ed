//! Recognises texts that look like real credentials.

use jackfield_build::model::names_secret;

/// Prefixes of credentials, each with the minimum number of characters that follow, and a description of the credential.
const PREFIXES: [(&str, usize, &str); 26] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("ghu_", 36, "a GitHub token"),
    ("ghs_", 36, "a GitHub token"),
    ("ghr_", 36, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("sk_live_", 16, "a live key of Stripe"),
    ("rk_live_", 16, "a live key of Stripe"),
    ("whsec_", 32, "a signing secret"),
    ("xoxb-", 30, "a Slack token"),
    ("xoxp-", 30, "a Slack token"),
    ("xapp-", 30, "a Slack token"),
    ("AIza", 35, "a Google API key"),
    ("ya29.", 40, "a Google token"),
    ("SG.", 60, "a SendGrid key"),
    ("npm_", 36, "an npm token"),
    ("pypi-", 60, "a PyPI token"),
    ("sk-ant-", 40, "an Anthropic key"),
    ("sk-proj-", 40, "an OpenAI key"),
    ("dop_v1_", 64, "a DigitalOcean token"),
    ("shpat_", 32, "a Shopify token"),
    ("hf_", 34, "a Hugging Face token"),
    ("lin_api_", 40, "a Linear key"),
];

/// Words that show that an example is invented.
const INVENTED: [&str; 19] = [
    "example",
    "xxx",
    "your",
    "test",
    "sample",
    "dummy",
    "fake",
    "placeholder",
    "abcdef",
    "12345",
    "00000",
    "aaaa",
    "redacted",
    "secret",
    "token",
    "password",
    "changeme",
    "...",
    "****",
];

/// The minimum length of a credential without a known prefix.
const SHORTEST: usize = 24;
const LONGEST: usize = 512;
/// The entropy in bits per character above which a value looks random. English text has a lower entropy.
const RANDOM: f64 = 3.9;

/// Returns the kind of credential that a text contains, and its masked beginning. The prefix identifies the kind.
pub(super) fn known_in(text: &str) -> Option<(&'static str, String)> {
    if let Some(at) = text.find("-----BEGIN ") {
        let (head, body) = text[at..].split_once('\n').or_else(|| text[at..].split_once("\\n"))?;
        let is_key =
            head.contains("PRIVATE KEY") && body.trim().chars().take_while(|c| is_token(*c)).count() > 40;
        if is_key && bits(body) > RANDOM && !is_invented(body.get(..200.min(body.len())).unwrap_or("")) {
            return Some(("a private key", head.trim().to_owned()));
        }
    }
    for (prefix, least, issuer) in PREFIXES {
        for (at, _) in text.match_indices(prefix) {
            let is_start = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let rest: String =
                text[at + prefix.len()..].chars().take(LONGEST).take_while(|c| is_token(*c)).collect();
            let is_key = is_start && rest.len() >= least && rest.len() < LONGEST;
            if is_key
                && bits(&rest) > 3.2
                && !is_invented(&rest)
                && (prefix.len() > 4 || is_upper_key(prefix, &rest))
            {
                return Some((issuer, masked(prefix, &rest)));
            }
        }
    }
    None
}

/// Returns the kind of credential that a word of a text looks like, regardless of the name of the value.
pub(crate) fn secret_in(text: &str) -> Option<&'static str> {
    let divides = |c: char| !is_token(c);
    known_in(text).map(|(what, _)| what).or_else(|| {
        let is_random = |word: &str| is_random_secret("secret", word.trim_matches('.'));
        text.split(divides).any(is_random).then_some("a random credential")
    })
}

/// Returns whether the text after the prefix of an AWS or Google key has the form of such a key. Other prefixes need
/// no check, because they are distinctive.
fn is_upper_key(prefix: &str, rest: &str) -> bool {
    match prefix {
        "AKIA" | "ASIA" => {
            rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        }
        "AIza" => rest.len() == 35,
        _ => true,
    }
}

/// Returns whether the example `value` of a parameter or property `name` looks like a real credential.
pub(super) fn is_random_secret(name: &str, value: &str) -> bool {
    names_secret(name)
        && !names_page(name)
        && (SHORTEST..LONGEST).contains(&value.len())
        && value.chars().all(is_token)
        && value.bytes().any(|b| b.is_ascii_digit())
        && value.bytes().any(|b| b.is_ascii_alphabetic())
        && !is_uuid(value)
        && !is_invented(value)
        && bits(value) > threshold(value)
}

/// Returns whether the name belongs to a page token or continuation token, which is not a credential.
fn names_page(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [
        "page",
        "cursor",
        "next",
        "continu",
        "sync",
        "scroll",
        "resume",
        "nonce",
        "hash",
        "etag",
        "public",
        "id",
        "signature",
    ]
    .iter()
    .any(|part| name.contains(part))
}

/// Returns the entropy above which a value looks random. It is lower for hexadecimal digits, which have at most four bits each.
fn threshold(value: &str) -> f64 {
    if value.bytes().all(|b| b.is_ascii_hexdigit()) { 3.4 } else { RANDOM }
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | '/' | '=')
}

fn is_uuid(value: &str) -> bool {
    value.len() == 36
        && value.bytes().enumerate().all(|(at, b)| (b == b'-') == matches!(at, 8 | 13 | 18 | 23))
}

fn is_invented(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    INVENTED.iter().any(|word| lower.contains(word)) || lower.contains("0123") || lower.contains("abcd")
}

/// Returns the first characters of a credential, for messages.
fn masked(prefix: &str, rest: &str) -> String {
    let shown: String = rest.chars().take(2).collect();
    format!("{prefix}{shown}…")
}

/// Returns the entropy of a text in bits per character.
fn bits(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let all = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX).max(1));
    let share = |count: &u32| f64::from(*count) / all;
    counts.iter().filter(|count| **count > 0).map(|count| -share(count) * share(count).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    // The credentials are assembled from parts, so that secret scanners do not report this file.
    #[test]
    fn credential_with_a_known_prefix_is_recognised() {
        for (prefix, rest) in [
            ("AK", "IAQ7M2XK9RW4ZP6TNB"),
            ("ghp", "_q8Zr2LmX5vN7cKd3WbY9tHs6JgFp1QeRu4AoT"),
            ("sk_li", "ve_9Qm2Xv7Lk4Rt8Zp3"),
            ("AIz", "aQm2Xv7Lk4Rt8Zp3Nb6Wc9Yd1Hs5Jg0Fe_uT"),
        ] {
            assert!(known_in(&format!("Send `{prefix}{rest}` here")).is_some(), "{prefix}{rest}");
        }
        for invented in [
            "AKIAIOSFODNN7EXAMPLE",
            "sk_test_4eC39HqLyjWDarjtT1zdp7dc",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "sk_live_...",
            "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nMIIC",
            "https://hooks.example.com/AKIA",
        ] {
            assert_eq!(known_in(invented), None, "{invented}");
        }
    }

    #[test]
    fn random_value_counts_as_a_credential_only_if_its_name_is_secret() {
        let random = "q8Zr2LmX5vN7cKd3WbY9tHs6JgFp1Q";
        assert!(is_random_secret("api_key", random));
        assert!(is_random_secret("clientSecret", "9f2c71e0b84d6a35cc1e7f90d2b8a461"));
        for (name, value) in [
            ("name", random),
            ("page_token", random),
            ("token_id", random),
            ("api_key", "your-api-key-goes-here-please"),
            ("password", "correct horse battery staple 1"),
            ("token", "123e4567-e89b-12d3-a456-426614174000"),
            ("token", "abc123"),
            ("secret", "https://example.com/a/b/c/d/e1"),
        ] {
            assert!(!is_random_secret(name, value), "{name}: {value}");
        }
    }
}
