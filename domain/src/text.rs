//! One way to compare text: every comparison of names, codes and terms folds both sides first.

/// Folds text for comparison: full-width ASCII forms become half-width, the ideographic space
/// becomes a space, letters become lower case, zero-width characters go, and runs of white space
/// become one space with none at the ends.
///
/// Traditional characters are left as they are; that folding needs a dictionary and is done elsewhere.
///
/// ```
/// assert_eq!(domain::text::fold("  ＰＣＢ　 Board "), "pcb board");
/// ```
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut space_pending = false;
    for character in text.chars() {
        let narrow = narrow(character);
        if is_zero_width(narrow) {
            continue;
        }
        if narrow.is_whitespace() {
            space_pending = !folded.is_empty();
            continue;
        }
        if space_pending {
            folded.push(' ');
            space_pending = false;
        }
        folded.extend(narrow.to_lowercase());
    }
    folded
}

/// The half-width form of a full-width ASCII character (U+FF01 to U+FF5E) or of the ideographic
/// space; any other character unchanged. The mapping is the one NFKC gives for this range.
fn narrow(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        _ => character,
    }
}

/// Characters that show nothing and come along when text is copied from web pages.
fn is_zero_width(character: char) -> bool {
    matches!(
        character,
        '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{2060}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::fold;
    use proptest::prelude::*;

    #[test]
    fn full_width_case_and_space_are_folded() {
        assert_eq!(fold("万科Ａ"), "万科a");
        assert_eq!(fold("　离子　 交换膜\t\n"), "离子 交换膜");
        assert_eq!(fold("（ＬＥＤ）；"), "(led);");
        assert_eq!(fold("\u{feff}PCB\u{200b}板"), "pcb板");
        assert_eq!(fold(" \u{3000} "), "");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
