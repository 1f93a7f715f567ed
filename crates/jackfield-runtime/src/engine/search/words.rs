//! Splits names, texts and queries into words.

/// The maximum number of characters of a word. Longer words are truncated.
const LONGEST_WORD: usize = 40;

/// Calls `each` with every word of a text, in lower case and without apostrophes.
///
/// `listOpenIssues` and `list_open-issues` have three words each. Text in scripts without spaces is split into pairs of characters.
pub(super) fn for_each_word(text: &str, mut each: impl FnMut(&str)) {
    let mut reader = Reader { word: String::new(), length: 0, previous: ' ' };
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if is_apostrophe(c) && reader.length > 0 {
            if ends_possessive(rest.clone()) {
                rest.next();
            }
            continue;
        }
        if !c.is_alphanumeric() {
            reader.flush(&mut each);
        } else if is_unspaced(c) {
            let next = rest.clone().next().filter(|next| is_unspaced(*next));
            if !is_unspaced(reader.previous) {
                reader.flush(&mut each);
            }
            if let Some(next) = next {
                each(String::from_iter([c, next]).as_str());
            } else if !is_unspaced(reader.previous) {
                each(String::from(c).as_str());
            }
        } else {
            if is_unspaced(reader.previous) || reader.begins_a_part(c, rest.clone()) {
                reader.flush(&mut each);
            }
            reader.push(c);
        }
        reader.previous = c;
    }
    reader.flush(&mut each);
}

/// The word that is being read.
struct Reader {
    word: String,
    length: usize,
    previous: char,
}

impl Reader {
    fn push(&mut self, c: char) {
        self.length += 1;
        if self.length <= LONGEST_WORD {
            self.word.extend(c.to_lowercase());
        }
    }

    fn flush(&mut self, each: &mut impl FnMut(&str)) {
        if self.length > 0 {
            each(&self.word);
            self.word.clear();
            self.length = 0;
        }
    }

    /// Whether the capital `c` begins a new word within a compound, as in `getUser` and `HTTPServer`, but not in the plural `URLs`.
    fn begins_a_part(&self, c: char, mut rest: impl Iterator<Item = char>) -> bool {
        if self.length == 0 || !c.is_uppercase() {
            return false;
        }
        if !self.previous.is_uppercase() {
            return true;
        }
        match (rest.next(), rest.next()) {
            (Some('s'), after) => after.is_some_and(char::is_lowercase),
            (next, _) => next.is_some_and(char::is_lowercase),
        }
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// Whether the next characters end the word with a possessive `s`.
fn ends_possessive(mut rest: impl Iterator<Item = char>) -> bool {
    matches!(rest.next(), Some('s' | 'S')) && !rest.next().is_some_and(char::is_alphanumeric)
}

/// Whether the character belongs to a script that is written without spaces: kana, ideographs.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Removes the common English endings from a lower-case word: `queries`, `query` and `querying` become `queri`.
pub(super) fn stem(word: &str) -> String {
    let mut stem = word.to_owned();
    if !word.is_ascii() || word.len() <= 3 {
        return stem;
    }
    for (ending, replacement) in
        [("ies", "y"), ("sses", "ss"), ("ing", ""), ("edly", ""), ("ed", ""), ("es", ""), ("s", "")]
    {
        let rest = word.strip_suffix(ending).filter(|rest| rest.len() >= 3);
        if let Some(rest) = rest.filter(|_| ending != "s" || !word.ends_with("ss")) {
            stem = format!("{rest}{replacement}");
            break;
        }
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    let last = stem.chars().last();
    if stem.len() > 3 && last == stem.chars().rev().nth(1) && !last.is_some_and(|c| "aeiouls".contains(c)) {
        stem.pop();
    }
    if stem.len() > 3 && stem.ends_with('y') {
        stem.pop();
        stem.push('i');
    }
    stem
}

/// Calls `each` with every run of four characters of a word.
pub(super) fn for_each_gram(word: &str, mut each: impl FnMut(Gram)) {
    let mut last: Vec<char> = Vec::with_capacity(4);
    for c in word.chars() {
        if last.len() == 4 {
            last.remove(0);
        }
        last.push(c);
        if let Ok(gram) = <Gram>::try_from(last.as_slice()) {
            each(gram);
        }
    }
}

/// A run of four characters.
pub(super) type Gram = [char; 4];

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for_each_word(text, |word| words.push(word.to_owned()));
        words
    }

    #[test]
    fn compound_tool_names_are_split_into_their_words() {
        for name in ["listOpenIssues", "list_open_issues", "ListOpen-issues", "list open.issues"] {
            assert_eq!(words(name), ["list", "open", "issues"], "{name}");
        }
        assert_eq!(
            words("HTTPServer URLs userIDs getIDSet v2Pages"),
            ["http", "server", "urls", "user", "ids", "get", "id", "set", "v2", "pages"]
        );
    }

    #[test]
    fn apostrophes_and_possessive_endings_are_removed() {
        assert_eq!(
            words("don't show the customer's user\u{2019}s 'quoted' o'clock"),
            ["dont", "show", "the", "customer", "user", "quoted", "oclock"]
        );
    }

    #[test]
    fn text_in_scripts_without_spaces_is_split_into_pairs_of_characters() {
        assert_eq!(words("請求書を送る"), ["請求", "求書", "書を", "を送", "送る"]);
        assert_eq!(words("API鍵 2本"), ["api", "鍵", "2", "本"]);
    }

    #[test]
    fn long_words_are_truncated() {
        let long = words(&"x".repeat(100_000));
        assert_eq!(long, ["x".repeat(LONGEST_WORD)]);
    }

    #[test]
    fn forms_of_a_word_have_the_same_stem() {
        for forms in [
            &["query", "queries", "querying"][..],
            &["create", "creates", "created", "creating"],
            &["stop", "stops", "stopped", "stopping"],
            &["process", "processes", "processed"],
            &["repository", "repositories"],
        ] {
            let stems: Vec<String> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.windows(2).all(|pair| pair[0] == pair[1]), "{forms:?} {stems:?}");
        }
        assert_eq!(stem("bus"), "bus");
        assert_eq!(stem("größen"), "größen");
    }

    #[test]
    fn short_words_are_not_split_into_character_n_grams() {
        let grams = |word: &str| {
            let mut grams = Vec::new();
            for_each_gram(word, |gram| grams.push(String::from_iter(gram)));
            grams
        };
        assert_eq!(grams("tag"), Vec::<String>::new());
        assert_eq!(grams("labels"), ["labe", "abel", "bels"]);
    }
}
