//! Finds the lines of connector.toml that contain a choice, for people who ask where it comes from.

use toml::de::{DeTable, DeValue};

use super::Manifest;

impl Manifest {
    /// The lines of connector.toml with choices about an operation, under any of its names: the table and the
    /// position of each.
    pub fn choices_about(&self, names: &[&str]) -> Vec<(String, String)> {
        let found = self.keyed_choices(|key| names.contains(&key));
        found.into_iter().map(|(_, table, line)| (table, line)).collect()
    }

    /// The lines of all tables of connector.toml, in their order: the key, the table and the position of each.
    pub fn all_choices(&self) -> Vec<(String, String, String)> {
        self.keyed_choices(|_| true)
    }

    fn keyed_choices(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<(String, String, String)> {
        let Ok(root) = DeTable::parse(&self.text) else { return Vec::new() };
        let mut found = Vec::new();
        for (table, value) in root.get_ref() {
            let DeValue::Table(entries) = value.get_ref() else { continue };
            for (key, _) in entries.iter().filter(|(key, _)| is_wanted(key.get_ref())) {
                found.push((key.span().start, table.get_ref().to_string(), key.get_ref().to_string()));
            }
        }
        found.sort();
        found.into_iter().map(|(at, table, key)| (key, table, self.position(at))).collect()
    }

    /// The position of a key, whose names lead to it from the root. Case matters only in the first name.
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
    fn choices_about_an_operation_have_their_table_and_line() -> Result<(), crate::Error> {
        let manifest = Manifest::parse("connector.toml", TEXT, Path::new(""))?;
        let found = manifest.choices_about(&["burn", "GET /x"]);
        let expected = [("effect", 4), ("ask", 6), ("rate", 9)]
            .map(|(table, line)| (table.to_owned(), format!("connector.toml:{line}:1")));
        assert_eq!(found, expected);
        let all = manifest.all_choices();
        assert_eq!(
            all.iter().map(|(key, ..)| key.as_str()).collect::<Vec<_>>(),
            ["GET /x", "burn", "burn", "X-Shop"]
        );
        assert_eq!(manifest.line_of(&["headers", "x-shop"]).as_deref(), Some("connector.toml:11:1"));
        assert_eq!(manifest.line_of(&["headers", "y"]), None);
        assert_eq!(manifest.line_of(&["document"]).as_deref(), Some("connector.toml:1:1"));
        Ok(())
    }
}
