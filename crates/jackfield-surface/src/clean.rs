//! What an operation may be called, best first: its operationId without what frameworks put around it.

use heck::ToSnakeCase as _;
use jackfield_model::{Group, Operation};

/// Words that say nothing without what they are done to.
const BARE: [&str; 26] = [
    "add",
    "all",
    "by_id",
    "count",
    "create",
    "delete",
    "destroy",
    "find",
    "find_all",
    "find_one",
    "get",
    "get_all",
    "get_by_id",
    "handle",
    "index",
    "list",
    "list_all",
    "patch",
    "post",
    "put",
    "query",
    "read",
    "remove",
    "save",
    "show",
    "update",
];

/// The names that an operation asks for, best first, each once: cleaned, cleaned with its tag, whole. None of them
/// depends on any other operation.
pub(crate) fn wishes(operation: &Operation, tag: &str) -> Vec<String> {
    let Some(id) = operation.id.as_ref().map(|id| id.as_str()) else {
        return vec![snake(&format!("{} {}", operation.method, path_words(&operation.path)))];
    };
    let whole = snake(id);
    if !whole.bytes().any(|b| b.is_ascii_alphanumeric()) {
        return vec![snake(&format!("{} {}", operation.method, path_words(&operation.path)))];
    }
    let cleaned = cleaned(id, operation).filter(|name| *name != whole);
    let mut wishes = Vec::new();
    if let Some(cleaned) = cleaned {
        let tag = snake(tag.trim_end_matches("-controller").trim_end_matches("Controller"));
        if !BARE.contains(&cleaned.as_str()) {
            wishes.push(cleaned.clone());
        }
        if !tag.is_empty() && tag != Group::UNTAGGED && !cleaned.starts_with(&format!("{tag}_")) {
            wishes.push(format!("{tag}_{cleaned}"));
        }
    }
    if !wishes.contains(&whole) {
        wishes.push(whole);
    }
    wishes
}

/// The id without what a framework made of the operation's own method and path, or of its class.
fn cleaned(id: &str, operation: &Operation) -> Option<String> {
    let id = without_springfox(id, operation.method.as_str());
    let id = without_fastapi(id, operation).unwrap_or(id);
    let id = without_controller(id);
    let words: Vec<String> = snake(&id).split('_').map(str::to_owned).collect();
    let words = without_version(words, &operation.path);
    let words = without_repetition(words);
    let name = words.join("_");
    name.bytes().any(|b| b.is_ascii_alphabetic()).then_some(name)
}

/// Springfox: `listUsingGET_1` is `list`.
fn without_springfox<'i>(id: &'i str, method: &str) -> &'i str {
    let end = id.rfind(&format!("Using{method}")).filter(|at| *at > 0);
    let Some(end) = end else { return id };
    let rest = &id[end + 5 + method.len()..];
    let numbered = rest.strip_prefix('_').is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
    if rest.is_empty() || numbered { &id[..end] } else { id }
}

/// FastAPI: the function's name, the path and the method: `read_item_items__item_id__get` of `GET /items/{item_id}`.
/// One word alone may as well belong to the path: `admin_users_get` is no `admin`, but `login_login_post` is `login`.
fn without_fastapi<'i>(id: &'i str, operation: &Operation) -> Option<&'i str> {
    let path: String =
        operation.path.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    let end = format!("{path}_{}", operation.method.as_str().to_ascii_lowercase());
    let function = id.strip_suffix(end.as_str()).filter(|function| !function.is_empty())?;
    let last = operation.path.rsplit('/').find(|segment| !segment.is_empty());
    let unmistakable = function.contains('_') || last.is_none_or(|last| last == function);
    unmistakable.then_some(function)
}

/// NestJS and others: `TagsController_findAll` is `Tags_findAll`.
fn without_controller(id: &str) -> String {
    match id.split_once(['_', '.', '#']) {
        Some((class, rest)) if !rest.is_empty() => match class.strip_suffix("Controller") {
            Some(class) if !class.is_empty() => format!("{class}_{rest}"),
            _ => id.to_owned(),
        },
        _ => id.to_owned(),
    }
}

/// `api_v1_users_list` is `users_list` where the path begins with `/api/v1`.
fn without_version(mut words: Vec<String>, path: &str) -> Vec<String> {
    let is_version = |word: &str| {
        let digits = word.strip_prefix('v').unwrap_or_default();
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.len() <= 8
    };
    let noise: Vec<String> = path
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(str::to_ascii_lowercase)
        .take_while(|segment| matches!(segment.as_str(), "api" | "rest") || is_version(segment))
        .collect();
    if noise.is_empty() {
        return words;
    }
    // `getApiV1Users` has the verb in front.
    let from = usize::from(words.first().is_some_and(|word| BARE.contains(&word.as_str())));
    while words.len() > from + 1 && noise.contains(&words[from]) {
        words.remove(from);
    }
    words
}

/// `users_users_list` is `users_list`: the tag, and the name that has it already.
fn without_repetition(words: Vec<String>) -> Vec<String> {
    let twice = (1..=words.len() / 2).rev().find(|n| words[..*n] == words[*n..2 * *n]);
    match twice {
        Some(n) if words.len() > 2 * n => words[n..].to_vec(),
        _ => words,
    }
}

/// The path in words; the root has one too.
fn path_words(path: &str) -> String {
    let words = path.split('?').next().unwrap_or_default().replace(['{', '}'], " ");
    if words.bytes().any(|b| b.is_ascii_alphanumeric()) { words } else { "root".to_owned() }
}

/// `listBooks` -> `list_books`, `get /v1/{id}.json` -> `get_v1_id_json`.
pub(crate) fn snake(text: &str) -> String {
    let words: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    joined(&readable(&words).to_snake_case())
}

/// The text with its capitals where words begin: `listURLs` is `listUrls`, and `V1API` is `V1 API`.
fn readable(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is = |at: usize, test: fn(&char) -> bool| chars.get(at).is_some_and(test);
    // Where the capitals end that begin here.
    let mut ends: Vec<usize> = (0..=chars.len()).collect();
    for at in (0..chars.len()).rev().filter(|at| chars[*at].is_ascii_uppercase()) {
        ends[at] = ends[at + 1];
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let end = ends[at];
        // `IPs` and `IPv4` are one word each; `IPsec` and `IPs3` are no plurals.
        let is_plural =
            is(end, |c| *c == 's') && !is(end + 1, |c| c.is_ascii_lowercase() || c.is_ascii_digit());
        let is_numbered = is(end, |c| *c == 'v') && is(end + 1, char::is_ascii_digit);
        let inside = at > 0 && end > at && is(at - 1, char::is_ascii_uppercase);
        if end > at && ends_in_version(&chars[..at]) {
            out.push(' ');
        }
        out.push(if inside && (is_plural || is_numbered) { c.to_ascii_lowercase() } else { *c });
    }
    out
}

/// Whether what was read so far ends in a word like `V1`.
fn ends_in_version(read: &[char]) -> bool {
    let digits = read.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let word = read[..read.len() - digits].split_last();
    digits > 0
        && word.is_some_and(|(v, before)| *v == 'V' && !before.last().is_some_and(char::is_ascii_uppercase))
}

/// Words that were one before somebody split them at capitals.
const SPLIT: [&str; 6] = ["c_as", "i_ds", "i_ps", "m_tls", "o_auth", "o_auth2"];

/// The words of a name, with those that were split joined.
fn joined(name: &str) -> String {
    let name = format!("_{name}_");
    let name = SPLIT.iter().fold(name, |name, split| {
        name.replace(&format!("_{split}_"), &format!("_{}_", split.replace('_', "")))
    });
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case() {
        for (id, name) in [
            ("listBooks", "list_books"),
            ("GetAPIKeys", "get_api_keys"),
            ("books/list-all", "books_list_all"),
            ("listOAuth2Clients", "list_oauth2_clients"),
            ("oAuthLogin", "oauth_login"),
            ("videoAuth", "video_auth"),
            ("floatingIPs_list", "floating_ips_list"),
            ("reservedIPsActions", "reserved_ips_actions"),
            ("listURLs", "list_urls"),
            ("get-logs-ray-i-ds", "get_logs_ray_ids"),
            ("reservedIPv6_get", "reserved_ipv6_get"),
            ("listIPsecTunnels", "list_i_psec_tunnels"),
            ("getCoreV1APIResources", "get_core_v1_api_resources"),
            ("listStorageV1CSINode", "list_storage_v1_csi_node"),
            ("readV1beta1Role", "read_v1beta1_role"),
            ("日本", ""),
        ] {
            assert_eq!(snake(id), name, "{id}");
        }
        assert_eq!(path_words("/"), "root");
    }
}
