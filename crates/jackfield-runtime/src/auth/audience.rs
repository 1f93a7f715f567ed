//! The origins that a stored credential was given for.

use std::collections::BTreeSet;
use std::fmt;

use jackfield_recipe::origin_fits;
use serde_json::{Map, Value, json};

/// The origins that a secret may be sent to. An origin may be a pattern such as `https://{tenant}.example.com`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audience {
    /// The origins that may receive the secret itself.
    pub(crate) text: BTreeSet<String>,
    /// The origins that may receive the tokens of an OAuth client. `None` if the secret does not belong to a
    /// client.
    pub(crate) tokens: Option<BTreeSet<String>>,
}

impl Audience {
    pub(crate) fn of_fields(fields: &Map<String, Value>) -> Option<Self> {
        let set = |list: &Value| {
            let list = list.as_array()?.iter().map(|origin| origin.as_str().map(str::to_owned));
            list.collect::<Option<BTreeSet<String>>>()
        };
        let tokens = match fields.get("tokens") {
            Some(list) => Some(set(list)?),
            None => None,
        };
        Some(Self { text: set(fields.get("for")?)?, tokens })
    }

    /// Returns the JSON fields of a stored secret: the secret `text` and its audience.
    pub(crate) fn to_fields(&self, text: &str) -> Value {
        let mut fields = json!({ "for": self.text });
        if let Some(tokens) = &self.tokens {
            fields["tokens"] = json!(tokens);
        }
        fields["text"] = text.into();
        fields
    }

    /// Adds an origin that the user named. The origin may receive the secret and, for a client, its tokens.
    pub(crate) fn allow(&mut self, origin: &str) {
        self.text.insert(origin.to_owned());
        if let Some(tokens) = &mut self.tokens {
            tokens.insert(origin.to_owned());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.token_origins().next().is_none()
    }

    /// Returns the origins that may receive tokens of the client.
    pub(crate) fn token_origins(&self) -> impl Iterator<Item = &String> {
        self.tokens.iter().flatten()
    }

    /// Whether the two audiences have an origin in common, so that one secret may serve both. Two unrelated APIs can use the same
    /// authorization server, so OAuth clients are compared by the origins of their APIs.
    pub(crate) fn shares(&self, other: &Self) -> bool {
        let fit =
            |one: &String, other: &String| one == other || origin_fits(one, other) || origin_fits(other, one);
        let meet = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
            one.iter().any(|one| other.iter().any(|other| fit(one, other)))
        };
        match (&self.tokens, &other.tokens) {
            (Some(own), Some(others)) if !own.is_empty() && !others.is_empty() => {
                meet(own, others) || meet(own, &other.text) || meet(&self.text, others)
            }
            _ => meet(&self.text, &other.text),
        }
    }

    /// Whether this audience contains every origin of `other` that may receive the secret itself.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        let is_covered =
            |origin: &String| self.text.iter().any(|own| own == origin || origin_fits(origin, own));
        other.text.iter().all(is_covered)
    }

    /// Adds the origins of `other`, for a message about several secrets.
    pub(crate) fn join(&mut self, other: Self) {
        self.text.extend(other.text);
        if let Some(tokens) = other.tokens {
            self.tokens.get_or_insert_default().extend(tokens);
        }
    }
}

/// Formats the audience as in `https://id.example.com and tokens for https://api.example.com`.
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tokens = self.token_origins().filter(|origin| !self.text.contains(*origin));
        let tokens = tokens.map(|origin| format!("tokens for {origin}"));
        f.write_str(&listed(self.text.iter().cloned().chain(tokens)))
    }
}

/// Formats origins as in `https://a.example.com and https://b.example.com`.
pub(crate) fn listed<T: AsRef<str>>(origins: impl IntoIterator<Item = T>) -> String {
    origins.into_iter().map(|origin| origin.as_ref().to_owned()).collect::<Vec<_>>().join(" and ")
}

/// Returns the origins that both sets contain. Either set may contain patterns.
pub(crate) fn common(one: &BTreeSet<String>, other: &BTreeSet<String>) -> BTreeSet<String> {
    let is_in =
        |origin: &str, set: &BTreeSet<String>| set.iter().any(|it| it == origin || origin_fits(origin, it));
    one.union(other).filter(|origin| is_in(origin, one) && is_in(origin, other)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(origins: &[&str]) -> BTreeSet<String> {
        origins.iter().map(|&origin| origin.to_owned()).collect()
    }

    fn client(text: &[&str], tokens: &[&str]) -> Audience {
        Audience { text: set(text), tokens: Some(set(tokens)) }
    }

    const ID: &str = "https://id.example.com";
    const A: &str = "https://a.example.com";
    const B: &str = "https://b.example.com";

    #[test]
    fn client_secret_is_not_sent_to_the_origins_that_receive_its_tokens() {
        let given = client(&[ID], &[A]);
        assert!(given.covers(&client(&[ID], &[B])));
        assert!(!given.covers(&client(&["https://id.example.net"], &[A])));
        assert!(!given.covers(&Audience { text: set(&[A]), tokens: None }));
        assert_eq!(given.to_string(), "https://id.example.com and tokens for https://a.example.com");
    }

    #[test]
    fn allowed_origin_receives_secrets_and_tokens() {
        let mut given = client(&[ID], &[A]);
        given.allow(B);
        assert!(given.covers(&client(&[ID, B], &[])));
        assert_eq!(given.token_origins().collect::<Vec<_>>(), [A, B]);
        let mut plain = Audience { text: set(&[A]), tokens: None };
        plain.allow(B);
        assert_eq!(plain, Audience { text: set(&[A, B]), tokens: None });
    }

    #[test]
    fn intersection_of_two_origin_sets_contains_only_origins_in_both() {
        let pattern = "https://{t}.example.com";
        assert_eq!(common(&set(&[A, B]), &set(&[A, "https://c.example.com"])), set(&[A]));
        assert_eq!(common(&set(&[pattern]), &set(&[A])), set(&[A]));
        assert_eq!(common(&set(&[pattern]), &set(&[pattern])), set(&[pattern]));
    }
}
