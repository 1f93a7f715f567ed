//! Prints the usual forms of code directly, because formatting every token with prettyplease takes most of the time of printing.
//!
//! The result is identical to prettyplease's. Forms that this module does not know are `None`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The maximum length of a line in bytes, as in prettyplease.
const WIDTH: usize = 89;
/// The indentation of a call in a chain.
const INDENT: usize = 4;

/// Prints a row as a chain of calls: `pub static ADD_BOOK: Tool = Tool::new(…)`, and each call in a line.
pub(crate) fn row(docs: &[&str], name: &str, chain: TokenStream) -> Option<String> {
    let mut out = String::new();
    for line in docs {
        if line.contains(['\n', '\r']) {
            return None;
        }
        out.push_str("///");
        if !line.is_empty() {
            out.push(' ');
            out.push_str(line);
        }
        out.push('\n');
    }
    let mut trees = chain.into_iter().peekable();
    let mut link = format!("pub static {name}: Tool = ");
    let (mut links, mut length) = (0, 0);
    while trees.peek().is_some() {
        let arguments = loop {
            match trees.next()? {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                    break group.stream();
                }
                tree => flat_tree(&tree, &mut link)?,
            }
        };
        let is_last = trees.peek().is_none();
        length += call(&link, arguments, is_last, &mut out)?;
        out.push_str(if is_last { ";\n" } else { "\n" });
        link.clear();
        link.push_str("    ");
        links += 1;
    }
    // A short chain fits in one line.
    (links > 2 && length > WIDTH + links * INDENT).then_some(out)
}

/// Prints a call, in one line if the line is short enough. Returns the length that it has in one line.
fn call(link: &str, arguments: TokenStream, is_last: bool, out: &mut String) -> Option<usize> {
    let begin = out.len();
    out.push_str(link);
    out.push('(');
    flat(arguments.clone(), out)?;
    out.push(')');
    let length = out.len() - begin + usize::from(is_last);
    if length <= WIDTH {
        return Some(length);
    }
    out.truncate(begin);
    out.push_str(link);
    out.push_str("(\n");
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        // Other arguments may have to be divided too.
        if !matches!(argument, TokenTree::Literal(_) | TokenTree::Ident(_)) {
            return None;
        }
        out.push_str("        ");
        flat_tree(&argument, out)?;
        out.push_str(",\n");
        match arguments.next() {
            None => break,
            Some(TokenTree::Punct(comma)) if comma.as_char() == ',' => {}
            Some(_) => return None,
        }
    }
    out.push_str("    )");
    Some(length)
}

/// Prints a function whose statements have one line each.
pub(crate) fn function(
    name: &str,
    args: &str,
    request: &str,
    steps: impl Iterator<Item = TokenStream>,
) -> Option<String> {
    let mut out = format!("fn {name}({args}: &Args, {request}: &mut Request) -> Result<(), ArgError> {{\n");
    if out.len() - 1 > WIDTH {
        out = format!(
            "fn {name}(\n    {args}: &Args,\n    {request}: &mut Request,\n) -> Result<(), ArgError> {{\n"
        );
    }
    for step in steps {
        let begin = out.len();
        out.push_str("    ");
        flat(step, &mut out)?;
        if out.len() - begin > WIDTH {
            return None;
        }
        out.push('\n');
    }
    out.push_str("    Ok(())\n}\n");
    Some(out)
}

/// Prints tokens in one line.
fn flat(tokens: TokenStream, out: &mut String) -> Option<()> {
    tokens.into_iter().try_for_each(|tree| flat_tree(&tree, out))
}

fn flat_tree(tree: &TokenTree, out: &mut String) -> Option<()> {
    match tree {
        TokenTree::Group(group) => {
            let (open, close) = match group.delimiter() {
                Delimiter::Parenthesis => ('(', ')'),
                Delimiter::Bracket => ('[', ']'),
                Delimiter::Brace | Delimiter::None => return None,
            };
            out.push(open);
            flat(group.stream(), out)?;
            out.push(close);
        }
        TokenTree::Ident(ident) => out.push_str(&ident.to_string()),
        TokenTree::Literal(literal) => out.push_str(&literal.to_string()),
        TokenTree::Punct(punct) => match punct.as_char() {
            ',' => out.push_str(", "),
            mark @ ('.' | ':' | '&' | '?' | ';') => out.push(mark),
            _ => return None,
        },
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proc_macro2::Literal;
    use quote::{format_ident, quote};

    use super::{WIDTH, function, row};
    use crate::render::{Block, doc, render, text};

    /// Compares lengths around the width of a line, because the layout changes there.
    #[test]
    fn directly_printed_code_is_the_code_of_prettyplease() {
        for length in 1..100 {
            let word = "a".repeat(length);
            let (name, said) = (format_ident!("{word}"), text(&word));
            for said in [said, text(&format!("{word}\n\"ü\"")), Literal::string("ü")] {
                let step = quote!(request.query_as(#said, args.optional("b"), Encoding::PIPES.exploded())?;);
                let printed = function(&word, "args", "request", [step.clone()].into_iter());
                let formatted = render(vec![Block::Tokens(quote! {
                    fn #name(args: &Args, request: &mut Request) -> Result<(), ArgError> { #step Ok(()) }
                })]);
                assert!(printed.is_none_or(|printed| printed == formatted), "{formatted}");
                let chain = quote! {
                    Tool::new(#said, "GET", "/b", b).description(#said).idempotent().tokens(1)
                        .security(&[&[Need::scheme(#said)], &[Need::scheme("b").scopes(&["c"])]])
                };
                let short = quote!(Tool::new("b", "GET", "/b", b).effect(Effect::Read).description(#said));
                let tiny = quote!(Tool::new("b", "GET", "/b", b).effect(Effect::Read).idempotent());
                for chain in [chain, short, tiny] {
                    let docs = ["B", "", word.as_str()];
                    let printed = row(&docs, &word, chain.clone());
                    let docs = doc(docs);
                    let formatted =
                        render(vec![Block::Tokens(quote!(#docs pub static #name: Tool = #chain;))]);
                    assert!(printed.is_none_or(|printed| printed == formatted), "{formatted}");
                }
            }
        }
        let docs = ["B"];
        let said = "B".repeat(WIDTH);
        let chain = quote!(Tool::new("b", "GET", "/b", b).title(#said).effect(Effect::Read));
        assert!(row(&docs, "B", chain).is_some());
        assert!(function("b", "args", "request", [quote!(request.form();)].into_iter()).is_some());
        let brace = quote!(Tool::new("b").title({ 1 }).effect(Effect::Read));
        assert_eq!(row(&docs, "B", brace), None);
    }
}
