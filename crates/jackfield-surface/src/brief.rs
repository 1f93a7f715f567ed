//! A name that is too long, in fewer words: those that say what is done to what.
//!
//! `ip_address_management_address_maps_delete_address_map` is `management_delete_address_map`. Which words stay
//! depends on the name alone, so that it is the same whatever stands beside it.

/// Words that say what is done. The first of them in a name is the verb, and what stands in front of it says where.
const VERBS: [&str; 108] = [
    "accept",
    "activate",
    "add",
    "apply",
    "approve",
    "archive",
    "assign",
    "attach",
    "cancel",
    "change",
    "check",
    "clear",
    "close",
    "complete",
    "configure",
    "confirm",
    "connect",
    "convert",
    "copy",
    "count",
    "create",
    "deactivate",
    "decline",
    "delete",
    "deploy",
    "describe",
    "destroy",
    "detach",
    "disable",
    "disconnect",
    "dismiss",
    "download",
    "edit",
    "enable",
    "execute",
    "export",
    "extract",
    "fetch",
    "find",
    "generate",
    "get",
    "import",
    "initiate",
    "insert",
    "install",
    "invite",
    "lint",
    "list",
    "lock",
    "mark",
    "merge",
    "modify",
    "move",
    "notify",
    "patch",
    "pause",
    "post",
    "preview",
    "publish",
    "purge",
    "put",
    "query",
    "read",
    "refresh",
    "register",
    "reject",
    "remove",
    "rename",
    "render",
    "replace",
    "resend",
    "reset",
    "resolve",
    "restart",
    "restore",
    "resubmit",
    "resume",
    "retrieve",
    "retry",
    "review",
    "revoke",
    "rotate",
    "run",
    "save",
    "scan",
    "search",
    "seek",
    "send",
    "set",
    "show",
    "star",
    "start",
    "stop",
    "submit",
    "subscribe",
    "suspend",
    "test",
    "unarchive",
    "uninstall",
    "unlock",
    "unmerge",
    "unstar",
    "unsubscribe",
    "update",
    "upload",
    "validate",
    "watch",
    "write",
];

/// Words behind which a name says where, when or how. What stands before the first of them is what the verb is done to.
const LINKS: [&str; 13] =
    ["about", "at", "by", "for", "from", "in", "into", "of", "on", "to", "using", "via", "with"];

/// Words that say nothing but at the end of a name.
const EMPTY: [&str; 11] = ["a", "an", "and", "as", "id", "its", "or", "s", "that", "the", "your"];

/// Words that say how much something is done to: a name without them would be that of a smaller deed.
const AMOUNTS: [&str; 9] =
    ["all", "batch", "bulk", "collection", "every", "force", "many", "multiple", "not"];

/// How much of a name is read: whoever has more to say is not read to the end.
const READ: usize = 300;

/// The names in fewer words that fit, best first. Names are ASCII.
pub(crate) fn brief(name: &str, room: usize) -> Vec<String> {
    let name = &name[..name.len().min(READ)];
    let Plain { words, object } = plain(name);
    let whole = words.join("_");
    let mut names = vec![whole];
    if names[0].len() > room {
        names = orders(&words, object).iter().filter_map(|order| fill(&words, order, room)).collect();
    }
    names.retain(|brief| brief != name);
    names
}

/// The words of a name that say something.
struct Plain<'n> {
    words: Vec<&'n str>,
    /// What the verb is done to, where a link tells: `list_books_of_shop`.
    object: Option<usize>,
}

/// A name without links, and with no word twice. The verb stays, and of others the last, which is nearer to what the
/// verb is done to.
fn plain(name: &str) -> Plain<'_> {
    let all: Vec<&str> = name.split('_').filter(|word| !word.is_empty()).collect();
    let verb = verb(&all);
    let (mut words, mut object) = (Vec::new(), None);
    for (at, word) in all.iter().enumerate() {
        let comes_again = || all[at + 1..].iter().any(|later| is_same(word, later));
        let is_last = at + 1 == all.len();
        if is_last || (at == verb && VERBS.contains(word)) {
            words.push(*word);
        } else if LINKS.contains(word) {
            // `watch_pod_list_for_all`: the list is of pods.
            let nouns = |word: &&str| !VERBS.contains(word);
            object = object.or_else(|| words.iter().rposition(nouns).filter(|_| at > verb + 1));
        } else if !EMPTY.contains(word) && !comes_again() {
            words.push(*word);
        }
    }
    Plain { words, object }
}

/// Whether two words are one, or its plural. Those with digits are versions and sizes, where a second one means more.
fn is_same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let plural = |end: &str| ["", "s", "es"].contains(&end);
    let in_ies = || long.strip_suffix("ies").is_some_and(|stem| short.strip_suffix('y') == Some(stem));
    !one.bytes().any(|b| b.is_ascii_digit()) && (long.strip_prefix(short).is_some_and(plural) || in_ies())
}

/// Where the verb is: in front, if no word before the last is known as one.
fn verb(words: &[&str]) -> usize {
    let found = words.iter().position(|word| VERBS.contains(word));
    found.filter(|at| at + 1 < words.len()).unwrap_or(0)
}

/// In which orders words may be worth their room. The verb, how much, the last word and versions are worth it always;
/// then come the object, the first word of where, and what is done from both ends; or all from the end; or the longest,
/// since those are what tells things apart.
fn orders(words: &[&str], object: Option<usize>) -> [Vec<usize>; 3] {
    let (verb, last) = (verb(words), words.len() - 1);
    let amounts = (0..last).filter(|at| AMOUNTS.contains(&words[*at]));
    let versions = (0..last).filter(|at| is_version(words[*at]));
    let first: Vec<usize> = [verb].into_iter().chain(amounts).chain([last]).chain(versions).collect();
    let ends = (verb..=last).zip((verb..=last).rev()).flat_map(|(front, back)| [front, back]);
    let backwards = || (0..=last).rev();
    let mut longest: Vec<usize> = backwards().collect();
    longest.sort_by_key(|at| usize::MAX - words[*at].len());
    let all = |rest: Vec<usize>| first.iter().copied().chain(object).chain(rest).collect();
    [all((0..verb.min(1)).chain(ends).chain(backwards()).collect()), all(backwards().collect()), all(longest)]
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// As many words as fit, in their own order. Fewer than fill half of the room say too little.
fn fill(words: &[&str], order: &[usize], room: usize) -> Option<String> {
    let mut kept = vec![false; words.len()];
    let mut length = 0;
    for at in order {
        let longer = length + words[*at].len() + usize::from(length > 0);
        if !kept[*at] && longer <= room {
            (kept[*at], length) = (true, longer);
        }
    }
    let words: Vec<&str> = words.iter().zip(kept).filter(|(_, kept)| *kept).map(|(word, _)| *word).collect();
    (length > room / 2).then(|| words.join("_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_words_are_removed() {
        for (name, first) in [
            ("access_applications_delete_an_access_application", "delete_access_application"),
            ("ip_address_management_address_maps_delete_address_map", "ip_management_delete_address_map"),
            ("zone_level_access_policies_list_access_policies", "zone_level_list_access_policies"),
            ("zero_trust_certificates_zero_trust_certificate_details", "zero_trust_certificate_details"),
            ("users_list_social_accounts_for_authenticated_user", "list_social_accounts_authenticated_user"),
            ("post_customers_customer_sources_id_verify", "post_customer_sources_verify"),
            ("delete_sip_credential_list_credential", "delete_sip_list_credential"),
        ] {
            assert_eq!(brief(name, 40)[0], first, "{name}");
        }
    }

    #[test]
    fn the_verb_and_the_object_stay() {
        for (name, first) in [
            ("create_apps_v1_namespaced_controller_revision", "create_apps_v1_controller_revision"),
            (
                "list_coordination_v1beta1_lease_candidate_for_all_namespaces",
                "list_v1beta1_candidate_all_namespaces",
            ),
            (
                "watch_core_v1_resource_quota_list_for_all_namespaces",
                "watch_core_v1_quota_list_all_namespaces",
            ),
            ("codespaces_list_in_repository_for_authenticated_user", "codespaces_list_repository_user"),
            (
                "server_settings_service_get_extensions_block_list_items",
                "server_get_extensions_block_list_items",
            ),
        ] {
            assert_eq!(brief(name, 40)[0], first, "{name}");
        }
    }

    #[test]
    fn words_of_extent_are_kept() {
        let name = "delete_admissionregistration_v1beta1_collection_mutating_admission_policy_binding";
        for room in [24, 33, 40] {
            for brief in brief(name, room) {
                assert!(brief.contains("delete") && brief.contains("collection"), "{brief}");
                assert!(brief.len() <= room, "{brief}");
            }
        }
    }

    #[test]
    fn name_without_short_form_has_none() {
        assert_eq!(brief("list_books", 40), Vec::<String>::new());
        assert_eq!(brief(&format!("get_{}", "x".repeat(60)), 40), Vec::<String>::new());
        assert_eq!(brief("", 40), Vec::<String>::new());
    }

    #[test]
    fn very_long_name_takes_few_steps() {
        for word in ["a", "list_", "ab_cd_", "all_", "x_"] {
            assert!(brief(&word.repeat(1_000_000), 40).iter().all(|brief| brief.len() <= 40), "{word}");
        }
    }
}
