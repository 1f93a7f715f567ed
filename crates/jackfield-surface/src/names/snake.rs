//! Converts names of the document to snake case.

use heck::ToSnakeCase as _;

/// Converts a name: `listBooks` becomes `list_books`, and `get /v1/{id}.json` becomes `get_v1_id_json`.
pub(super) fn snake(text: &str) -> String {
    if is_snake(text) {
        return joined(text);
    }
    let words: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
    joined(&readable(&words).to_snake_case())
}

/// Whether the text is already in snake case: no capitals, and only single underscores between words.
fn is_snake(text: &str) -> bool {
    // The last byte must belong to a word. An empty text needs no conversion.
    let mut was_word = text.is_empty();
    for b in text.bytes() {
        let is_word = b.is_ascii_lowercase() || b.is_ascii_digit();
        if !(is_word || b == b'_' && was_word) {
            return false;
        }
        was_word = is_word;
    }
    was_word
}

/// Keeps capitals only at the beginning of words: `listURLs` becomes `listUrls`, and `V1API` becomes `V1
/// API`.
fn readable(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let is = |at: usize, test: fn(&char) -> bool| chars.get(at).is_some_and(test);
    // The end of the run of capitals that begins at this position.
    let mut ends: Vec<usize> = (0..=chars.len()).collect();
    for at in (0..chars.len()).rev().filter(|at| chars[*at].is_ascii_uppercase()) {
        ends[at] = ends[at + 1];
    }
    let mut out = String::with_capacity(text.len());
    for (at, c) in chars.iter().enumerate() {
        let end = ends[at];
        // `IPs` and `IPv4` are single words. `IPsec` and `IPs3` are not plurals.
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

/// Whether the text so far ends with a version such as `V1`.
fn ends_in_version(read: &[char]) -> bool {
    let digits = read.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    let word = read[..read.len() - digits].split_last();
    digits > 0
        && word.is_some_and(|(v, before)| *v == 'V' && !before.last().is_some_and(char::is_ascii_uppercase))
}

/// Words that would be split in two because of their capital letters.
const SPLIT: [(&str, &str); 6] =
    [("c", "as"), ("i", "ds"), ("i", "ps"), ("m", "tls"), ("o", "auth"), ("o", "auth2")];

/// Returns the words of a name. Known words that capitals have split are joined again.
fn joined(name: &str) -> String {
    let pairs = || name.split('_').zip(name.split('_').skip(1));
    if !pairs().any(|pair| SPLIT.contains(&pair)) {
        return name.trim_matches('_').to_owned();
    }
    let name = format!("_{name}_");
    let name = SPLIT.iter().fold(name, |name, (one, other)| {
        name.replace(&format!("_{one}_{other}_"), &format!("_{one}{other}_"))
    });
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_ids_become_snake_case_names() {
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
    }
}
