//! Finds the line of a key in connector.toml, for commands that show where a value comes from.

use toml::de::{DeTable, DeValue};

use super::Manifest;

impl Manifest {
    /// Returns the position of the key with this path from the root. Only the first name of the path is case-sensitive.
    pub fn line_of(&self, keys: &[&str]) -> Option<String> {
        let root = DeTable::parse(&self.text).ok()?;
        let (first, rest) = keys.split_first()?;
        let is_first = |key: &str| key == *first;
        let (key, mut value) = root.get_ref().iter().find(|(key, _)| is_first(key.get_ref().as_ref()))?;
        let mut at = key.span().start;
        for name in rest {
            let DeValue::Table(entries) = value.get_ref() else { return None };
            let (key, next) = entries.iter().find(|(key, _)| key.get_ref().eq_ignore_ascii_case(name))?;
            (at, value) = (key.span().start, next);
        }
        Some(self.position(at))
    }

    fn position(&self, at: usize) -> String {
        self.place(at..at).file.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TEXT: &str = "document = \"api.yaml\"\n\n[effect]\n\"GET /x\" = \"write\"\n[ask]\nburn = \"always\"\n\n[rate]\nburn = \
                        { calls = \"1/minute\" }\n[headers]\nX-Shop = \"1\"\n";

    #[test]
    fn manifest_key_is_located_by_its_path() -> Result<(), crate::Error> {
        let manifest = Manifest::parse("connector.toml", TEXT, Path::new(""))?;
        assert_eq!(manifest.line_of(&["headers", "x-shop"]).as_deref(), Some("connector.toml:11:1"));
        assert_eq!(manifest.line_of(&["headers", "y"]), None);
        assert_eq!(manifest.line_of(&["document"]).as_deref(), Some("connector.toml:1:1"));
        Ok(())
    }
}
