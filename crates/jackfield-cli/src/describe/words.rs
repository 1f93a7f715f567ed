//! Splits a command line into words like a shell, without running a shell.

/// Characters that a shell would interpret outside quotes.
const OPERATORS: [char; 13] = ['|', '&', ';', '<', '>', '(', ')', '$', '`', '\n', '*', '?', '#'];

/// Splits a command line into words, with the quotes and backslashes of POSIX.
///
/// # Errors
/// Returns an error if a quote is not closed, or if only a shell could interpret a character.
pub(super) fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' => words.extend(word.take()),
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        None => return Err(unclosed('\'')),
                        Some('\'') => break,
                        Some(c) => word.push(c),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        None => return Err(unclosed('"')),
                        Some('"') => break,
                        Some(c @ ('$' | '`')) => return Err(needs_shell(c)),
                        Some('\\') => match chars.next() {
                            None => return Err(unclosed('"')),
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some(c) => word.extend(['\\', c]),
                        },
                        Some(c) => word.push(c),
                    }
                }
            }
            '\\' => match chars.next() {
                None => return Err("the command ends with a backslash".to_owned()),
                Some(c) => word.get_or_insert_default().push(c),
            },
            // In the middle of a word, a shell does not interpret these characters.
            '#' | '~' if word.is_some() => word.get_or_insert_default().push(c),
            '~' => return Err(needs_shell(c)),
            c if OPERATORS.contains(&c) => return Err(needs_shell(c)),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match words.first() {
        None => Err("the command is empty".to_owned()),
        Some(program) if program.is_empty() => Err("the command has no program".to_owned()),
        Some(_) => Ok(words),
    }
}

fn unclosed(quote: char) -> String {
    format!("the command has an opening {quote} without a closing {quote}")
}

fn needs_shell(c: char) -> String {
    let shown = if c == '\n' { "a line break".to_owned() } else { format!("`{c}`") };
    format!("{shown} in the command needs a shell: add --shell, or put {shown} into single quotes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_split_into_the_words_of_a_shell() {
        for (line, words) in [
            ("llm -m small", &["llm", "-m", "small"][..]),
            ("  a\t b  ", &["a", "b"]),
            ("a 'b c' \"d e\"", &["a", "b c", "d e"]),
            ("a b'c'\"d\"e", &["a", "bcde"]),
            ("a '' \"\"", &["a", "", ""]),
            (r#"a "b\"c\\d\$e\n""#, &["a", r#"b"c\d$e\n"#]),
            (r"a b\ c \| \'", &["a", "b c", "|", "'"]),
            ("a '$HOME | rm *'", &["a", "$HOME | rm *"]),
            ("a b#c d~e x=1", &["a", "b#c", "d~e", "x=1"]),
        ] {
            assert_eq!(split(line).as_deref(), Ok(words.map_owned().as_slice()), "{line}");
        }
    }

    trait MapOwned {
        fn map_owned(&self) -> Vec<String>;
    }

    impl MapOwned for [&str] {
        fn map_owned(&self) -> Vec<String> {
            self.iter().map(|word| (*word).to_owned()).collect()
        }
    }

    #[test]
    fn command_line_with_shell_operators_or_unclosed_quotes_is_refused() {
        for line in [
            "a | b",
            "a > b",
            "a && b",
            "a; b",
            "a $B",
            "a `b`",
            "a \"$B\"",
            "a \"`b`\"",
            "~/a",
            "a *.txt",
            "a #b",
            "a\nb",
        ] {
            let refused = split(line).unwrap_err();
            assert!(refused.contains("needs a shell: add --shell"), "{line}: {refused}");
        }
        for (line, why) in [
            ("a 'b", "the command has an opening ' without a closing '"),
            ("a \"b", "the command has an opening \" without a closing \""),
            ("a \"b\\", "the command has an opening \" without a closing \""),
            ("a \\", "the command ends with a backslash"),
            ("", "the command is empty"),
            (" ", "the command is empty"),
            ("'' a", "the command has no program"),
        ] {
            assert_eq!(split(line), Err(why.to_owned()), "{line}");
        }
    }
}
