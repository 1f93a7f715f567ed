//! Arguments of the form `NAME=VALUE`.

use toml_edit::InlineTable;

use crate::failure::Failure;

/// Parses arguments of the form `NAME=VALUE`.
pub(super) fn pairs(words: &[String], example: &str) -> Result<InlineTable, Failure> {
    let mut table = InlineTable::new();
    for word in words {
        let Some((name, text)) = word.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            return Err(Failure(format!("`{word}` has no `=`: write it as in `{example}`")));
        };
        table.insert(name, text.into());
    }
    Ok(table)
}
