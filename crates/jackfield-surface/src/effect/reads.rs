//! Detects POST operations that only read.

use super::sentence::{Sentence, sentences};
use super::words::{Words, first_sentence};
use crate::vocabulary::{
    ADVICE, ALWAYS_VERBS, ASKS, CHANGES, DESTROYS, DOES, FETCHES, ISSUED, MAKES, ONLY_ASKS, ONLY_MAKES,
    ORDERS, SETTLES, TELLS, is_form, words,
};

/// Words of operations on many resources at once.
const MANY: [&str; 6] = ["batch", "bulk", "many", "mass", "multi", "multiple"];
/// Nouns for collections, which can be listed in the singular: `List a collection of books`.
const COLLECTIONS: [&str; 6] = ["batch", "collection", "list", "page", "set", "subset"];

/// Returns the signs that a POST changes nothing, or `None` if it may change something.
///
/// Two of path, operationId and sentence have to say that the operation reads, and none of them may mention a change. A write that is taken
/// for a read is sent without approval, so a doubtful operation counts as a write.
pub(super) fn signs(words: &Words<'_>, id: &[String]) -> Option<String> {
    let takes_orders =
        words.args.iter().any(|arg| ORDERS.iter().any(|order| arg.eq_ignore_ascii_case(order)));
    // A GraphQL request may be a mutation.
    let speaks_graphql =
        [words.path, words.summary, words.id].iter().any(|it| it.to_lowercase().contains("graphql"));
    if takes_orders || speaks_graphql || words.answers_with_nothing || settles(words.path) {
        return None;
    }
    let first = first_sentence(words).map(|sentence| sentence.without_name(id));
    if first.as_ref().is_some_and(|it| offers(it) || issues(it.object())) {
        return None;
    }
    let sentence = first.as_ref().and_then(asks);
    let path = in_path(words.path);
    let name = in_id(id).or_else(|| {
        // `books_list` with the summary `List books` lists; without a summary, `mailing_list` is a noun.
        id.last().filter(|last| is_asking(last) && sentence.as_ref() == Some(last)).cloned()
    });
    let is_named = |first: &Sentence| {
        // In `BIN Lookup` the noun names the read. In a longer sentence it may mean something else.
        let tokens = first.tokens();
        let before = tokens.iter().rev().nth(1).map_or("", String::as_str);
        let last = tokens.last();
        (last == path.as_ref() || last == name.as_ref())
            && !["a", "by", "for", "in", "of", "the", "to"].contains(&before)
    };
    if sentence.is_none() && !first.as_ref().is_none_or(is_named) {
        return None;
    }
    let found = [(path, "in the path"), (name, "in the id"), (sentence, "at the beginning of the text")];
    let found: Vec<String> =
        found.into_iter().filter_map(|(word, place)| Some(format!("`{}` {place}", word?))).collect();
    let is_read = found.len() > 1 && !name_changes(id, words.path) && !text_changes(words, id);
    is_read.then(|| found.join(", "))
}

fn is_asking(word: &str) -> bool {
    ASKS.contains(&word) || FETCHES.contains(&word)
}

/// Returns the segments after the last variable, which say what is done to the resource that the path addresses.
fn action(path: &str) -> Vec<&str> {
    let action = path.rsplit('}').next().unwrap_or_default();
    let action = action.split('?').next().unwrap_or_default();
    action.split(['/', ':']).filter(|segment| !segment.is_empty()).collect()
}

fn in_path(path: &str) -> Option<String> {
    let action = action(path);
    let (last, others) = action.split_last()?;
    let last = words(last);
    let ends = [last.first(), last.last()].into_iter().flatten();
    let found = ends.into_iter().find(|word| is_asking(word)).cloned();
    let whole = || others.iter().map(|it| it.to_lowercase()).find(|it| *it != "list" && is_asking(it));
    found.or_else(whole).or_else(|| reads_many(&action.iter().flat_map(|it| words(it)).collect::<Vec<_>>()))
}

fn in_id(id: &[String]) -> Option<String> {
    let first = id.first().filter(|first| id.len() > 1 && is_asking(first));
    let last = || id.last().filter(|last| ONLY_ASKS.contains(&last.as_str()));
    first.or_else(last).cloned().or_else(|| reads_many(id))
}

/// Returns two words such as `batch read`. Alone, `read` may mean that messages are marked as read.
fn reads_many(words: &[String]) -> Option<String> {
    let is_many = |word: &String| MANY.contains(&word.as_str());
    let reads = |word: &String| word == "read" || is_asking(word);
    let pair = words
        .windows(2)
        .find(|pair| is_many(&pair[0]) && reads(&pair[1]) || reads(&pair[0]) && is_many(&pair[1]))?;
    Some(pair.join(" "))
}

/// Whether the last segment is a verb that changes the resource before it.
fn settles(path: &str) -> bool {
    let mut parts = path.trim_end_matches('/').rsplit(['/', ':']);
    let last = parts.next().map(words).unwrap_or_default();
    let is_of_one = parts.next().is_some_and(|before| before.ends_with('}'));
    is_of_one && last.first().is_some_and(|word| SETTLES.contains(&word.as_str()))
}

/// Returns the reading verb at the beginning of a sentence.
fn asks(sentence: &Sentence) -> Option<String> {
    // In `Batch fetch books`, the verb follows the word for many resources.
    let is_many = sentence.main_verb().is_some_and(|verb| MANY.contains(&verb));
    let (verb, object) = match sentence.object() {
        [verb, object @ ..] if is_many => (verb.as_str(), object),
        object => (sentence.main_verb()?, object),
    };
    let next = object.first().map_or("", String::as_str);
    let known = ASKS.iter().chain(&FETCHES).chain(&TELLS).find(|known| is_form(verb, known)).copied();
    let known = known
        .or_else(|| (verb == "returns").then_some("returns"))
        .or_else(|| (verb == "look" && next == "up").then_some("look up"))?;
    let leads_elsewhere = known == "check" && ["in", "out"].contains(&next);
    (!object.is_empty() && !leads_elsewhere).then(|| known.to_owned())
}

/// Whether the sentence says that one item is listed or counted. Listing an item may offer it for sale, and counting it may increase a
/// number.
fn offers(sentence: &Sentence) -> bool {
    let object = sentence.object();
    let [next, after] = [0, 1].map(|at| object.get(at).map_or("", String::as_str));
    let is_one = ["a", "an", "this", "your"].contains(&next) && !COLLECTIONS.contains(&after);
    is_one && sentence.main_verb().is_some_and(|verb| is_form(verb, "list") || is_form(verb, "count"))
}

/// Whether the object is created for the caller: `Get an access token`.
fn issues(object: &[String]) -> bool {
    const BEHIND: [&str; 9] = [",", "and", "by", "for", "from", "in", "of", "to", "with"];
    let is_head = |at: usize| object.get(at + 1).is_none_or(|next| BEHIND.contains(&next.as_str()));
    let by = |at: usize| at > 0 && object[at - 1] == "by";
    object
        .iter()
        .take(8)
        .enumerate()
        .any(|(at, word)| word == "new" || ISSUED.contains(&word.as_str()) && is_head(at) && !by(at))
}

/// Whether operationId or path contain a changing verb in the position of a verb.
fn name_changes(id: &[String], path: &str) -> bool {
    let changes = |word: &str| {
        let all = CHANGES.iter().chain(&DESTROYS).chain(&DOES).chain(&ONLY_MAKES);
        all.into_iter().any(|verb| *verb == word)
    };
    let is_joined = |pair: &[String]| ["and", "or", "then"].contains(&pair[0].as_str());
    // After a reading verb, the words name what is read, unless a conjunction adds another verb.
    let first = id.iter().find(|word| is_asking(word) || changes(word));
    let begins = first.is_some_and(|word| changes(word));
    let joined =
        id.windows(2).any(|pair| is_joined(pair) && (changes(&pair[1]) || MAKES.contains(&pair[1].as_str())));
    // `list_add` adds to a list.
    let ends = id.len() == 2 && changes(&id[1]);
    begins
        || joined
        || ends
        || action(path).iter().any(|segment| words(segment).first().is_some_and(|word| changes(word)))
}

/// Whether a sentence mentions a change.
fn text_changes(words: &Words<'_>, id: &[String]) -> bool {
    let said = |text| {
        sentences(text)
            .map(|sentence| sentence.without_name(id))
            .enumerate()
            .any(|(at, it)| changes(&it, at > 0))
    };
    said(words.summary) || said(words.text())
}

fn changes(sentence: &Sentence, is_later: bool) -> bool {
    let all = || CHANGES.iter().chain(&DESTROYS).chain(&DOES).chain(&MAKES);
    let mut main = sentence.main_verbs();
    let advises = is_later
        && sentence.is_imperative()
        && sentence.main_verb().is_some_and(|verb| ADVICE.contains(&verb));
    let begins = !advises && main.any(|word| all().any(|verb| is_form(word, verb)));
    let always = || DESTROYS.iter().chain(&ALWAYS_VERBS);
    begins || sentence.passives(all()).is_some() || always().any(|verb| sentence.says(verb))
}
