//! A text that must not be seen.

/// A credential. It has no `Debug` and no `Display`; only the runtime, which sends it, can read it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text into custody.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for the wire.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The same secret in another spelling.
    pub(crate) fn map(&self, spell: impl FnOnce(&str) -> String) -> Self {
        Self(spell(&self.0))
    }
}

/// The secrets of one call, so that an echo of them can be struck from what comes back.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<Secret>);

impl Secrets {
    pub(crate) fn push(&mut self, secret: Secret) {
        // Shorter texts occur by chance, and striking them would garble every reply.
        if secret.0.len() >= 4 {
            let quoted = serde_json::Value::from(secret.0.as_str()).to_string();
            let in_json = quoted.trim_matches('"');
            if in_json != secret.0 {
                self.0.push(Secret::new(in_json.to_owned()));
            }
            self.0.push(secret);
        }
    }

    /// The text with every secret struck out, where it holds any.
    pub(crate) fn strike(&self, text: &str) -> Option<String> {
        let mut found = self.0.iter().filter(|secret| text.contains(secret.expose())).peekable();
        found.peek()?;
        Some(
            found.fold(text.to_owned(), |text, secret| text.replace(secret.expose(), "[credential removed]")),
        )
    }
}
