//! The effect of an operation on the service: by its method, corrected by its words.
//!
//! Words make a tool more careful on any sign, and less careful only where they cannot be mistaken: a person who is
//! asked once too often is annoyed, one who is not asked loses something.

mod destroys;
mod reads;
mod sentence;
mod siblings;
mod words;

use crate::vocabulary::{self, ARTICLES, CHANGES, DESTROYS, DOES, GENTLE, REACHES, READS, is_form};
use jackfield_model::{Connector, Effect, Method};
use siblings::Siblings;
use words::{Words, first_sentence, last_segment};

/// Judges the effect of every operation.
pub fn judge_effects(connector: &mut Connector) {
    let siblings = Siblings::of(connector);
    for operation in connector.groups.iter_mut().flat_map(|group| &mut group.operations) {
        let judgement = judge(&operation.method, &Words::of(operation), &siblings);
        operation.effect = judgement.effect;
        operation.idempotent = judgement.idempotent;
        operation.because = judgement.because;
    }
}

/// The effect of an operation, and the signs that decided.
struct Judgement {
    effect: Effect,
    idempotent: bool,
    because: String,
}

/// Judges by the method, then by the words.
fn judge(method: &Method, words: &Words<'_>, siblings: &Siblings) -> Judgement {
    let id = own_id(method, words.id);
    let judged = |effect, idempotent, sign: Option<String>| Judgement {
        effect,
        idempotent,
        because: sign.map_or_else(|| method.to_string(), |sign| format!("{method}, and {sign}")),
    };
    if method.as_str() == "DELETE" {
        return judged(Effect::Destroy, true, None);
    }
    if method.is_safe() {
        let said = Said::of(words, id);
        let quoted = |word: String| Some(format!("`{word}`"));
        return match (said.destroys(), said.changes()) {
            (Some(word), _) => judged(Effect::Destroy, false, quoted(word)),
            (None, Some(word)) => judged(Effect::Write, false, quoted(word)),
            (None, None) => judged(Effect::Read, true, None),
        };
    }
    if let Some(sign) = destroys::sign(words, &id, siblings) {
        return judged(Effect::Destroy, method.is_idempotent(), Some(sign));
    }
    match Some(()).filter(|()| method.as_str() == "POST").and_then(|()| reads::signs(words, &id)) {
        Some(signs) => judged(Effect::Read, true, Some(signs)),
        None => judged(Effect::Write, method.is_idempotent(), None),
    }
}

/// The words of a safe method, where they count.
struct Said {
    /// The part of the operationId behind its tag.
    id: Vec<String>,
    /// The last part of the path, where that is no variable.
    segment: Vec<String>,
    /// The summary, or the first sentence of the description where there is none.
    sentence: Vec<String>,
    /// The words of the path.
    path: Vec<String>,
}

impl Said {
    fn of(words: &Words<'_>, id: Vec<String>) -> Self {
        let sentence = first_sentence(words).map(|sentence| sentence.tokens().to_vec()).unwrap_or_default();
        Self { id, segment: last_segment(words.path), sentence, path: vocabulary::words(words.path) }
    }

    /// The word that says something is removed.
    fn destroys(&self) -> Option<String> {
        let is = |word: &&String| DESTROYS.contains(&word.as_str());
        let begins = self.id.first().map_or("", String::as_str);
        let id = self.id.first().filter(is).or_else(|| {
            // `bulk_delete_messages`, `orders_cancel`
            let is_many = ["batch", "bulk", "force", "mass"].contains(&begins);
            self.id.get(1).filter(|_| is_many).filter(is).or_else(|| self.id.last().filter(is))
        });
        if self.only_reads() && id.is_none_or(|word| word != begins) {
            return None;
        }
        let said = id.or_else(|| self.segment.iter().find(is)).cloned();
        let sentence =
            || self.sentence.first().and_then(|word| DESTROYS.iter().find(|verb| is_form(word, verb)));
        let harmless = GENTLE.contains(&begins) || READS.contains(&begins);
        said.filter(|_| !harmless || id.is_some_and(|word| word == begins))
            .or_else(|| sentence().filter(|_| !harmless).map(|verb| (*verb).to_owned()))
    }

    /// The word that says something changes, though the method promises otherwise.
    fn changes(&self) -> Option<String> {
        let is = |word: &&String| CHANGES.contains(&word.as_str()) || REACHES.contains(&word.as_str());
        let reads = |word: &&String| READS.contains(&word.as_str());
        let id = match self.id.as_slice() {
            // `invite_resolve` under `/invites`: the first word is a tag.
            [tag, rest @ ..] if rest.first().is_some_and(|word| reads(&word)) && self.has_many(tag) => rest,
            id => id,
        };
        if id.first().is_some_and(|word| reads(&word)) {
            return None;
        }
        let first = id.first().filter(is);
        if self.only_reads() {
            // `create_flow` creates, whatever its summary gets; `update_list` lists.
            return first.filter(|_| !id.last().is_some_and(|word| reads(&word))).cloned();
        }
        let segment =
            Some(&self.segment).filter(|segment| segment.len() == 1).and_then(|segment| segment.first());
        // A set is a thing, at the end of a name.
        let last = id.last().filter(|word| *word != "set");
        let sentence = || match self.sentence.as_slice() {
            [verb, article, ..] if ARTICLES.contains(&article.as_str()) => CHANGES
                .iter()
                .chain(&DOES)
                .find(|change| is_form(verb, change))
                .map(|verb| (*verb).to_owned()),
            _ => None,
        };
        first.or_else(|| segment.filter(is)).or_else(|| last.filter(is)).cloned().or_else(sentence)
    }

    /// Whether the path has the plural of a word, which is therefore no verb.
    fn has_many(&self, word: &str) -> bool {
        self.path.iter().any(|other| other.strip_suffix('s') == Some(word))
    }

    /// Whether its method and what is said first agree that it reads, so that other words are things: the update of
    /// `List all update deployments`.
    fn only_reads(&self) -> bool {
        self.sentence.first().is_some_and(|word| READS.iter().any(|verb| is_form(word, verb)))
    }
}

/// The words of an operationId behind its tag, without an unsafe method in front.
fn own_id(method: &Method, id: &str) -> Vec<String> {
    let own = id.rsplit(['/', '.', ':', '#']).next().unwrap_or_default();
    // gRPC writes `BookService_ListBooks`.
    let is_name = |part: &str| part.starts_with(char::is_uppercase) && part.contains(char::is_lowercase);
    let own = own
        .split_once('_')
        .filter(|(tag, rest)| is_name(tag) && is_name(rest) && !rest.contains('_'))
        .map_or(own, |(_, rest)| rest);
    let mut words = vocabulary::words(own);
    // `PostBooks`, `ShopPostBooks`
    let is_method = |word: &String| word.eq_ignore_ascii_case(method.as_str());
    if !method.is_safe()
        && words.len() > 1
        && let Some(at) = words.iter().take(2).position(is_method)
    {
        words.remove(at);
    }
    words
}

#[cfg(test)]
mod tests;
