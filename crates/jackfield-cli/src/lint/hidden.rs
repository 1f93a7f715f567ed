//! Recognises characters that people cannot see.

use jackfield_build::model::is_invisible;

/// The minimum number of zero-width characters that can hide a message.
const HIDING: usize = 8;

/// Describes the characters that make people see another text than programs do.
pub(super) fn hidden_in(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut tags = String::new();
    let (mut turns, mut widths, mut is_flag) = (0_usize, 0_usize, false);
    for c in text.chars() {
        match c {
            // Tag characters are allowed after this flag emoji: the flags of England, Scotland and Wales consist of them.
            '\u{1F3F4}' => is_flag = true,
            '\u{E0020}'..='\u{E007F}' if is_flag => is_flag = c != '\u{E007F}',
            '\u{E0000}'..='\u{E007F}' => {
                tags.extend(char::from_u32(u32::from(c) - 0xE0000).filter(|c| !is_invisible(*c)));
                widths += HIDING;
            }
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => turns += 1,
            '\u{200B}'..='\u{200D}' | '\u{2060}'..='\u{2064}' | '\u{E0100}'..='\u{E01EF}' => {
                is_flag = false;
                widths += usize::from(!matches!(c, '\u{200C}' | '\u{200D}'));
            }
            _ => is_flag = false,
        }
    }
    if !tags.is_empty() {
        let shown: String = tags.chars().take(60).collect();
        return Some(format!("tag characters, which are invisible and spell `{shown}`"));
    }
    if turns > 0 {
        return Some("characters that reverse the text direction".to_owned());
    }
    (widths >= HIDING).then(|| format!("{widths} zero-width characters"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_are_found_but_ordinary_characters_are_not() {
        let tags: String = "do x".bytes().map(|b| char::from_u32(0xE0000 + u32::from(b)).unwrap()).collect();
        assert!(hidden_in(&format!("A book.{tags}")).is_some_and(|found| found.contains("`do x`")));
        assert!(hidden_in("user\u{202E}txt.exe").is_some());
        assert!(hidden_in(&"a\u{200B}".repeat(9)).is_some());
        for usual in
            ["A book", "Ein Büch\u{AD}lein", "👩\u{200D}💻 a\u{200B}b\u{FEFF}", "日本語", "می\u{200C}خواهم"]
        {
            assert_eq!(hidden_in(usual), None, "{usual}");
        }
        let scotland = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}";
        assert_eq!(hidden_in(scotland), None);
    }
}
