//! Shortens a name to its verb and the object of the verb.
//!
//! `ip_address_management_address_maps_delete_address_map` becomes `management_delete_address_map`. The verb
//! is always kept. Words that most names of the document share are removed first.

use std::collections::BTreeSet;

use super::overview::WordCounts;
use crate::vocabulary::VERBS;

/// Words that begin a phrase of place, time or manner. The object of the verb precedes the first of them.
const LINKS: [&str; 13] =
    ["about", "at", "by", "for", "from", "in", "into", "of", "on", "to", "using", "via", "with"];

/// Words that a name does not need, except at its end.
const EMPTY: [&str; 11] = ["a", "an", "and", "as", "id", "its", "or", "s", "that", "the", "your"];

/// Quantifiers. A name without them would understate the effect of the tool.
const AMOUNTS: [&str; 9] =
    ["all", "batch", "bulk", "collection", "every", "force", "many", "multiple", "not"];

/// The maximum number of bytes of a name to examine.
const READ: usize = 300;

/// Returns the shorter names that fit, best first. Names are ASCII; `hints` tell which words matter.
pub(super) fn brief(name: &str, room: usize, hints: &Hints<'_>) -> Vec<String> {
    let name = &name[..name.len().min(READ)];
    let Plain { words, object } = plain(name);
    let whole = words.join("_");
    let mut names = vec![whole];
    if names[0].len() > room {
        let orders = orders(&words, object, hints);
        let filled = orders.iter().map(|order| fill(&words, order, room));
        // A name that uses less than half of the available length would be too vague.
        names = filled.filter(|brief| brief.len() > room / 2).collect();
    }
    names.retain(|brief| brief != name);
    names
}

/// Returns as many words of a name as fit into the available length, the verb first. The result may have very few words.
pub(super) fn shortest(name: &str, room: usize, hints: &Hints<'_>) -> String {
    let name = &name[..name.len().min(READ)];
    let Plain { words, object } = plain(name);
    if words.is_empty() {
        return String::new();
    }
    let [order, ..] = orders(&words, object, hints);
    fill(&words, &order, room)
}

/// Facts that show which words of a name matter.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hints<'h> {
    /// The number of names of the document that contain each word.
    pub(super) counts: &'h WordCounts,
    /// The words that name the operation's resource.
    pub(super) told: &'h BTreeSet<String>,
}

/// A name reduced to the words that distinguish it.
struct Plain<'n> {
    words: Vec<&'n str>,
    /// The object of the verb, if a preposition follows it: `list_books_of_shop`.
    object: Option<usize>,
}

/// Returns a name without prepositions and repetitions. The verb is kept. The last occurrence of a repeated word is
/// kept, because it is nearer to the object.
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
            // In `watch_pod_list_for_all`, the object is `pod`, because `list` may be a verb.
            let nouns = |word: &&str| !VERBS.contains(word);
            object = object.or_else(|| words.iter().rposition(nouns).filter(|_| at > verb + 1));
        } else if !EMPTY.contains(word) && !comes_again() {
            words.push(*word);
        }
    }
    Plain { words, object }
}

/// Whether two words are equal except for their number. Words with digits are versions and sizes, which may
/// occur twice.
fn is_same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let plural = |end: &str| ["", "s", "es"].contains(&end);
    let in_ies = || long.strip_suffix("ies").is_some_and(|stem| short.strip_suffix('y') == Some(stem));
    !one.bytes().any(|b| b.is_ascii_digit()) && (long.strip_prefix(short).is_some_and(plural) || in_ies())
}

/// Returns the position of the verb; the first word if none is a known verb.
fn verb(words: &[&str]) -> usize {
    words.iter().position(|word| VERBS.contains(word)).unwrap_or(0)
}

/// Returns three orders in which words are added to a short name. In each order, the verb, quantifiers, the last word, the rarest word of
/// the resource, versions and the object of the verb come first. Words that most names share come last. The remaining words are added from
/// both ends in the first order, from the end in the second, and by length in the third, because long words distinguish names best.
fn orders(words: &[&str], object: Option<usize>, hints: &Hints<'_>) -> [Vec<usize>; 3] {
    let (verb, end) = (verb(words), words.len() - 1);
    let is_common = |at: &usize| *at != verb && hints.counts.is_common(words[*at]);
    let last = (0..=end).rev().find(|at| !is_common(at)).unwrap_or(end);
    let amounts = (0..end).filter(|at| AMOUNTS.contains(&words[*at]));
    let versions = (0..end).filter(|at| is_version(words[*at]));
    // In `delete_networking_collection_ingress_class`, the rarest word of the resource is `ingress`.
    let is_told = |at: &usize| hints.told.contains(words[*at]) && hints.counts.count(words[*at]) > 0;
    let rarest = (0..end)
        .filter(|at| *at != verb && *at != last && is_told(at) && !is_version(words[*at]))
        .min_by_key(|at| (hints.counts.count(words[*at]), usize::MAX - words[*at].len()));
    let first = [verb].into_iter().chain(amounts).chain([last]).chain(rarest).chain(versions);
    let first: Vec<usize> = first.collect();
    let ends = (verb..=end).zip((verb..=end).rev()).flat_map(|(front, back)| [front, back]);
    let backwards = || (0..=end).rev();
    let mut longest: Vec<usize> = backwards().collect();
    longest.sort_by_key(|at| usize::MAX - words[*at].len());
    let all = |rest: Vec<usize>| {
        let all = first.iter().copied().chain(object).chain(rest);
        let (common, telling): (Vec<usize>, Vec<usize>) = all.partition(is_common);
        telling.into_iter().chain(common).collect()
    };
    [all((0..verb.min(1)).chain(ends).chain(backwards()).collect()), all(backwards().collect()), all(longest)]
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Joins as many words as fit, in their original order.
fn fill(words: &[&str], order: &[usize], room: usize) -> String {
    let mut kept = vec![false; words.len()];
    let mut length = 0;
    for at in order {
        let longer = length + words[*at].len() + usize::from(length > 0);
        if !kept[*at] && longer <= room {
            (kept[*at], length) = (true, longer);
        }
    }
    let words: Vec<&str> = words.iter().zip(kept).filter(|(_, kept)| *kept).map(|(word, _)| *word).collect();
    words.join("_")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(name: &str, room: usize) -> Vec<String> {
        super::brief(name, room, &Hints { counts: &WordCounts::default(), told: &BTreeSet::new() })
    }

    #[test]
    fn repeated_words_are_removed_from_short_names() {
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
    fn short_name_keeps_the_verb_and_the_object() {
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
    fn quantifiers_are_kept_in_short_names() {
        let name = "delete_admissionregistration_v1beta1_collection_mutating_admission_policy_binding";
        for room in [24, 33, 40] {
            for brief in brief(name, room) {
                assert!(brief.contains("delete") && brief.contains("collection"), "{brief}");
                assert!(brief.len() <= room, "{brief}");
            }
        }
    }

    #[test]
    fn name_that_cannot_be_shortened_has_no_short_form() {
        assert_eq!(brief("list_books", 40), Vec::<String>::new());
        assert_eq!(brief(&format!("get_{}", "x".repeat(60)), 40), Vec::<String>::new());
        assert_eq!(brief("", 40), Vec::<String>::new());
    }

    #[test]
    fn name_of_millions_of_characters_is_shortened_in_few_steps() {
        for word in ["a", "list_", "ab_cd_", "all_", "x_"] {
            assert!(brief(&word.repeat(1_000_000), 40).iter().all(|brief| brief.len() <= 40), "{word}");
        }
    }

    #[test]
    fn words_that_most_names_share_are_removed_first() {
        let names = ["create", "delete", "get", "list", "update", "lock", "unlock", "read"];
        let counts = WordCounts::of(names.iter().map(|verb| format!("{verb}_management_service")));
        let hints = Hints { counts: &counts, told: &BTreeSet::new() };
        let name = "identity_management_service_rotate_signing_certificate_of_tenant";
        assert_eq!(
            super::brief(name, 40, &hints)[0],
            "identity_rotate_signing_certificate_tenant"[..0].to_owned()
                + "identity_rotate_certificate_tenant"
        );
        assert!(super::brief(name, 30, &hints).iter().all(|brief| !brief.contains("service")));
    }

    #[test]
    fn word_that_distinguishes_names_is_kept() {
        let kinds = ["ingress", "storage", "priority", "runtime", "device", "volume", "network", "service"];
        let counts =
            WordCounts::of(kinds.iter().map(|kind| format!("delete_networking_collection_{kind}_class")));
        for kind in kinds {
            let name = format!("delete_networking_k8s_v1_collection_{kind}_class");
            let told = BTreeSet::from(["class".to_owned(), kind.to_owned()]);
            for brief in super::brief(&name, 40, &Hints { counts: &counts, told: &told }) {
                assert!(brief.contains(kind) && brief.contains("collection"), "{brief}");
            }
        }
    }

    #[test]
    fn verb_at_the_end_of_a_name_is_kept() {
        let name = "zone_level_load_balancer_monitor_reference_group_purge";
        for room in [10, 20, 33, 40] {
            assert!(
                shortest(name, room, &Hints { counts: &WordCounts::default(), told: &BTreeSet::new() })
                    .contains("purge"),
                "{room}"
            );
        }
    }
}
