//! Detects operations that remove something or cannot be undone, although their method is not DELETE.

use super::sentence::{Sentence, sentences};
use super::siblings::Siblings;
use super::words::{Words, first_sentence, last_segment};
use crate::vocabulary::{
    ALWAYS_HARMLESS, ASKS, COPIES, DESTROYS, EVENTS, GENTLE, HELD, LOSSES, PARTICLES, READS, RUNS, UNDOES,
    is_form, is_third_person, words as split,
};

/// Phrases that say that data is lost permanently, whatever the verb.
const PERMANENCE: [&[&str]; 12] = [
    &["permanently"],
    &["is", "permanent"],
    &["irreversible"],
    &["irreversibly"],
    &["overwritten"],
    &["will", "be", "deleted"],
    &["will", "be", "erased"],
    &["will", "be", "destroyed"],
    &["will", "be", "lost"],
    &["cannot", "be", "undone"],
    &["can", "not", "be", "undone"],
    &["can", "t", "be", "undone"],
];

/// Returns the sign that an operation with an unsafe method is destructive.
pub(super) fn sign(words: &Words<'_>, id: &[String], siblings: &Siblings) -> Option<String> {
    let segment = last_segment(words.path);
    let lead = id.first().map_or("", String::as_str);
    let summary = first_sentence(words).map(|it| it.without_name(id).tokens().to_vec()).unwrap_or_default();
    let places = [(id, "in the id"), (&segment[..], "in the path"), (&summary[..], "in the summary")];
    for (said, place) in places {
        let lead = if place == "in the summary" { said.first().map_or("", String::as_str) } else { lead };
        // An item below `/cancellations` is the record of a cancellation, not the cancelled resource.
        let is_thing = |word: &String| LOSSES.contains(&word.as_str()) && is_item_of(words.path, word);
        let said: Vec<String> = said.iter().filter(|word| !is_thing(word)).cloned().collect();
        let said = &said[..];
        if let Some(word) = in_phrase(said, lead, place == "in the summary") {
            return Some(format!("`{word}` {place}"));
        }
    }
    let all = [id, &segment[..], &summary[..]].concat();
    closes_account(&all)
        .or_else(|| writes_over(words, [id, &segment, &summary], siblings))
        .or_else(|| deactivates(words, &all, siblings))
        .or_else(|| in_text(words, id))
        .or_else(|| siblings.same_as_delete(words))
}

/// Whether the path ends with one of the resources that the noun names.
fn is_item_of(path: &str, noun: &str) -> bool {
    let is_item = path.trim_end_matches('/').ends_with('}');
    is_item && split(path).iter().any(|word| word.strip_suffix('s') == Some(noun))
}

fn is_destroying(word: &str) -> bool {
    DESTROYS.contains(&word) || LOSSES.contains(&word)
}

/// Returns the destructive word in a name or a sentence.
fn in_phrase(said: &[String], lead: &str, is_sentence: bool) -> Option<String> {
    // In a name, `lists` is a noun.
    let leads = |list: &[&str]| list.iter().any(|verb| lead == *verb || is_sentence && is_form(lead, verb));
    // `lists_delete` and `export_delete` begin with the resource, `validate_delete` does not.
    let ends = !is_sentence && said.last().is_some_and(|last| DESTROYS.contains(&last.as_str()));
    let names_a_thing = ends && !leads(&ALWAYS_HARMLESS);
    if (leads(&READS) || leads(&ASKS) || leads(&UNDOES)) && !names_a_thing {
        // `validate_deletion` deletes nothing, but `get_and_remove` does.
        return joined(said);
    }
    let gentle = leads(&GENTLE) && lead != "schedule";
    let found = said.iter().enumerate().find(|(at, word)| {
        let before = at.checked_sub(1).map_or("", |at| said[at].as_str());
        let next = said.get(at + 1).map_or("", String::as_str);
        let is_verb = is_destroying(word) && *word != "deactivation" && *word != "closure";
        let is_third = is_sentence && DESTROYS.iter().any(|verb| *word != verb && is_form(word, verb));
        if !(is_verb || is_third) || ["auto", "un", "no"].contains(&before) {
            return false;
        }
        let is_joined = ["and", "or", ",", "then", "to"].contains(&before);
        // `create_remove_token` is not destructive, but `create_deletion_job` is.
        let is_attribute = gentle && !is_third && !is_joined && !next.is_empty() && !RUNS.contains(&next);
        // In `Request a password reset`, `reset` is a noun.
        let is_noun = is_sentence && *at > 0 && !is_third && !is_joined && EVENTS.contains(&word.as_str());
        let is_held = HELD.contains(&next) && !is_third;
        !(is_attribute || is_noun || is_held || PARTICLES.contains(&next))
    });
    let shuts = || said.windows(2).find(|pair| is_form(&pair[0], "shut") && pair[1] == "down");
    found.map(|(_, word)| word.clone()).or_else(|| Some(shuts()?.join(" ")))
}

fn joined(said: &[String]) -> Option<String> {
    let pair = said.windows(2).find(|pair| {
        ["and", "or"].contains(&pair[0].as_str()) && DESTROYS.iter().any(|verb| is_form(&pair[1], verb))
    })?;
    Some(pair[1].clone())
}

/// Detects names such as `close_account`: a closed account cannot be reopened.
fn closes_account(all: &[String]) -> Option<String> {
    let closes = all.iter().find(|word| is_form(word, "close") || *word == "closure")?;
    all.iter()
        .any(|word| word == "account" || word == "accounts")
        .then(|| format!("`{closes}` with an account"))
}

/// Detects a restore that overwrites data: `Restore a version`, but not `Restore a deleted book`.
fn writes_over(
    words: &Words<'_>,
    [id, segment, summary]: [&[String]; 3],
    siblings: &Siblings,
) -> Option<String> {
    let restores = |said: &[String]| said.iter().any(|word| is_form(word, "restore"));
    let is_back = summary
        .iter()
        .any(|word| ["deleted", "archived", "removed", "trash", "trashed"].contains(&word.as_str()));
    if is_back
        || id.first().is_some_and(|first| READS.contains(&first.as_str()) || GENTLE.contains(&first.as_str()))
    {
        return None;
    }
    if ![id, segment].into_iter().any(restores) && !summary.first().is_some_and(|it| is_form(it, "restore")) {
        return None;
    }
    let path = split(words.path);
    let copy = [id, summary, &path[..]].into_iter().flatten().find(|word| COPIES.contains(&word.as_str()))?;
    // If the path also has a DELETE, a restore may undo the DELETE and is not destructive. A restore from a copy, such as a backup, always
    // overwrites data.
    let is_of_another = ["backup", "backups", "checkpoint", "dump", "snapshot"].contains(&copy.as_str());
    (is_of_another || !siblings.deletes_parent(words.path)).then(|| format!("`restore` with `{copy}`"))
}

/// Detects a deactivation, which is destructive if the document has no operation that activates again.
fn deactivates(it: &Words<'_>, all: &[String], siblings: &Siblings) -> Option<String> {
    let word = all.iter().find(|word| is_form(word, "deactivate") || *word == "deactivation")?;
    let reads = all.first().is_some_and(|first| READS.contains(&first.as_str()));
    (!reads && !siblings.activates(it.path)).then(|| format!("`{word}` without a way back"))
}

/// Returns the phrase in the description that says that data is lost.
fn in_text(words: &Words<'_>, id: &[String]) -> Option<String> {
    let said = [words.summary, words.text()].into_iter().flat_map(sentences).map(|it| it.without_name(id));
    let said: Vec<Sentence> = said.collect();
    let main = said.iter().find_map(|sentence| {
        // A bare verb tells readers what they can do, so it does not describe the operation itself.
        let verbs = sentence.main_verbs().filter(|_| !sentence.is_imperative());
        let goes_on = |it: &str| PARTICLES.iter().any(|particle| sentence.states(&[it, particle]));
        verbs
            .filter(|it| is_third_person(it) && !goes_on(it))
            .find(|it| DESTROYS.iter().any(|verb| is_form(it, verb)))
            .map(str::to_owned)
    });
    let phrase = || {
        said.iter().find_map(|sentence| {
            let phrase = PERMANENCE.iter().find(|phrase| sentence.states(phrase))?;
            // "Can be overwritten" may describe a default value, so it does not count.
            let is_of_choice = phrase == &["overwritten"] && sentence.states(&["can", "be", "overwritten"]);
            let is_of_time = phrase.first() == Some(&"will") && expires(sentence);
            (!is_of_time && !is_of_choice).then(|| phrase.join(" "))
        })
    };
    main.or_else(phrase).map(|word| format!("`{word}` in the text"))
}

/// Whether a loss happens later by itself, independently of the operation.
fn expires(sentence: &Sentence) -> bool {
    const TIMES: [&str; 8] =
        ["after", "automatically", "days", "expire", "expired", "expires", "hours", "months"];
    sentence.tokens().iter().any(|word| TIMES.contains(&word.as_str()))
}
