//! `uri-template` of RFC 6570.

/// Section 2: literals and expressions in braces, of all four levels.
pub(super) fn is_uri_template(text: &str) -> bool {
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let (literal, tail) = rest.split_at(start);
        let Some((expression, tail)) = tail.strip_prefix('{').and_then(|tail| tail.split_once('}'))
        else {
            return false;
        };
        if !is_literal(literal) || !is_expression(expression) {
            return false;
        }
        rest = tail;
    }
    is_literal(rest)
}

/// Section 2.1: what may stand in a URI or IRI, and more, but no quote of any kind.
fn is_literal(text: &str) -> bool {
    percent_signs_encode(text)
        && text.chars().all(|c| match c {
            '!'
            | '#'..='&'
            | '('..=';'
            | '='
            | '?'..='['
            | ']'
            | '_'
            | 'a'..='z'
            | '~'
            | '\u{a0}'..='\u{d7ff}'
            | '\u{e000}'..='\u{fdcf}'
            | '\u{fdf0}'..='\u{ffef}' => true,
            // Planes end in two code points that are no characters; plane 14 begins with tags.
            '\u{10000}'.. => {
                let code = u32::from(c);
                code & 0xffff <= 0xfffd && !(0xe_0000..0xe_1000).contains(&code)
            }
            _ => false,
        })
}

/// Section 2.2: an operator, maybe, and variables.
fn is_expression(text: &str) -> bool {
    let variables = text.strip_prefix(['+', '#', '.', '/', ';', '?', '&', '=', ',', '!', '@', '|']);
    variables.unwrap_or(text).split(',').all(is_variable)
}

/// Section 2.3: a name, maybe with a prefix's length or an asterisk.
fn is_variable(text: &str) -> bool {
    let name = match text.split_once(':') {
        Some((name, length)) if is_length(length) => name,
        Some(_) => return false,
        None => text.strip_suffix('*').unwrap_or(text),
    };
    percent_signs_encode(name)
        && name.split('.').all(|part| {
            let is_char = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'%';
            !part.is_empty() && part.bytes().all(is_char)
        })
}

/// Section 2.4.1: from 1 to 9999.
fn is_length(text: &str) -> bool {
    (1..=4).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn percent_signs_encode(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes().take(2);
        let mut next_is_digit = || digits.next().is_some_and(|byte| byte.is_ascii_hexdigit());
        next_is_digit() && next_is_digit()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn templates() {
        for good in [
            "",
            "a",
            "https://example.com/{term:1}/{+path}{?q*,page}{&more}{#part}",
            "dictionary/{term:9999}",
            "{a.b_1}{%c3%a4}{,x}{=x}",
            "/\u{e4}/%20\u{e000}",
        ] {
            assert!(is_uri_template(good), "{good}");
        }
        for bad in [
            "{term",
            "term}",
            "{}",
            "{{a}}",
            "{a{b}}",
            "{term:0}",
            "{term:12345}",
            "{term:}",
            "{a:1*}",
            "{a**}",
            "{a b}",
            "{a,}",
            "{a..b}",
            "{.}",
            "{\u{e4}}",
            "{%zz}",
            "a b",
            "a\"b",
            "a'b",
            "a<b",
            "a\\b",
            "a^b",
            "a`b",
            "a|b",
            "a%2",
            "a%",
            "%\u{e4}",
            "\u{7f}",
            "\u{fdd0}",
            "\u{1fffe}",
        ] {
            assert!(!is_uri_template(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in ".{0,40}", tricky in "[{}%a0:*,.+\u{e4}]{0,12}") {
            let _ = (is_uri_template(&text), is_uri_template(&tricky));
        }

        #[test]
        fn a_uri_without_quotes_is_a_template(path in "[a-z0-9/._~!$&()*+,;=:@-]{0,20}") {
            let uri = format!("https://example.com/{path}");
            prop_assert!(is_uri_template(&uri));
        }
    }
}
