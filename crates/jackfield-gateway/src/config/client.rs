//! Reads the OAuth client that a person has registered at the authorization server of an MCP server.

use toml::de::DeTable;

use super::connector::UpstreamClient;
use super::reader::Reader;

const ID: &str = "write the id of the registered client, as in `client_id = \"jackfield\"`";
const COMMAND: &str =
    "write the command that prints the secret, as in `client_secret_command = [\"pass\", \"docs\"]`";

/// Reads `client_id` and `client_secret_command`.
pub(super) fn client(reader: &Reader<'_>, table: &DeTable<'_>, has_token: bool) -> Option<UpstreamClient> {
    let written = ["client_id", "client_secret_command"].into_iter();
    let (key, value) = written.into_iter().find_map(|key| Some((key, table.get(key)?)))?;
    let offset = value.span().start;
    if has_token {
        let problem = format!("`{key}` has no effect with `token`, which replaces the login");
        reader.refuse(offset, problem, "remove one of them");
        return None;
    }
    let Some(id) = table.get("client_id") else {
        reader.refuse(offset, "`client_secret_command` needs `client_id`", ID);
        return None;
    };
    let id_offset = id.span().start;
    let id = reader.text(id, ID)?;
    if id.trim().is_empty() {
        reader.refuse(id_offset, "`client_id` is empty", ID);
        return None;
    }
    let command = match table.get("client_secret_command") {
        None => None,
        Some(value) => {
            let words: Vec<String> =
                reader.texts(value, COMMAND)?.into_iter().map(|(word, _)| word).collect();
            if words.first().is_none_or(|program| program.is_empty()) {
                reader.refuse(value.span().start, "the command names no program", COMMAND);
                return None;
            }
            Some(words)
        }
    };
    Some(UpstreamClient { id, secret_command: command })
}
