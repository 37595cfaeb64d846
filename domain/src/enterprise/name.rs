//! Names of companies and places as written, and the forms in which two of them are compared.

/// Turns one full-width character (`Ａ`, `１`, `（`, ideographic space) into its half-width twin; others stay.
pub fn fold_full_width(character: char) -> char {
    match character {
        '\u{3000}' => ' ',
        '\u{FF01}'..='\u{FF5E}' => {
            char::from_u32(u32::from(character) - 0xFEE0).unwrap_or(character)
        }
        _ => character,
    }
}

/// Whether a character shows nothing and means nothing in a name: controls, byte order mark, zero-width marks.
/// White space is not among them.
pub(super) fn is_invisible(character: char) -> bool {
    (character.is_control() && !character.is_whitespace())
        || matches!(character, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// The form of a company name in which two spellings of one name are equal.
///
/// Full-width becomes half-width, letters lower case, every kind of bracket a round one, white space disappears.
/// Legal suffixes stay: 有限公司 and 股份有限公司 can be two different companies.
/// The result is for comparison only and is never shown. Normalising twice changes nothing.
pub fn normalise_name(name: &str) -> String {
    name.chars()
        .map(fold_full_width)
        .filter(|character| !character.is_whitespace() && !is_invisible(*character))
        .map(|character| match character {
            '[' | '{' | '【' | '〔' | '〖' | '「' | '『' | '〈' | '《' => '(',
            ']' | '}' | '】' | '〕' | '〗' | '」' | '』' | '〉' | '》' => ')',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// [`normalise_name`] for the short names of listed companies, whose marks come and go with the company's year:
/// `*ST`, `ST`, `SST`, `S*ST` in front, `-U`, `-W`, `-UW` behind.
///
/// A name that consists of marks alone is left as it is. Normalising twice changes nothing.
pub fn normalise_short_name(name: &str) -> String {
    let whole = normalise_name(name);
    let mut rest = whole.as_str();
    loop {
        let before = rest;
        for mark in ["s*st", "*st", "sst", "st"] {
            if let Some(stripped) = rest.strip_prefix(mark) {
                // Without the star, "st" may simply be how a Latin name begins.
                if mark.contains('*')
                    || stripped
                        .chars()
                        .next()
                        .is_some_and(|character| !character.is_ascii())
                {
                    rest = stripped;
                    break;
                }
            }
        }
        for mark in ["-uw", "-u", "-w"] {
            if let Some(stripped) = rest.strip_suffix(mark) {
                rest = stripped;
                break;
            }
        }
        if rest.is_empty() {
            return whole;
        }
        if rest == before {
            return rest.to_string();
        }
    }
}

/// 广东省 → 广东, 北京市 → 北京, 广西壮族自治区 → 广西, 香港特别行政区 → 香港. Anything else is only trimmed.
pub fn province_without_suffix(province: &str) -> &str {
    let province = province.trim();
    for suffix in [
        "维吾尔自治区",
        "壮族自治区",
        "回族自治区",
        "特别行政区",
        "自治区",
        "省",
        "市",
    ] {
        if let Some(stripped) = province.strip_suffix(suffix)
            && stripped.chars().count() >= 2
        {
            return stripped;
        }
    }
    province
}

/// A name as it is stored: full-width letters and digits become half-width (brackets stay as written),
/// white space remains only, and once, between half-width words. Says whether a letter or digit was converted.
pub(super) fn tidy_name(name: &str) -> (String, bool) {
    let mut folded = false;
    let mut result = String::with_capacity(name.len());
    let mut gap = false;
    for character in name.chars().filter(|character| !is_invisible(*character)) {
        if character.is_whitespace() {
            gap = true;
            continue;
        }
        let narrow = fold_full_width(character);
        let character = if narrow != character && narrow.is_ascii_alphanumeric() {
            folded = true;
            narrow
        } else {
            character
        };
        if gap
            && character.is_ascii()
            && result
                .chars()
                .next_back()
                .is_some_and(|last| last.is_ascii())
        {
            result.push(' ');
        }
        gap = false;
        result.push(character);
    }
    (result, folded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        let name = normalise_name("金田实业(集团)股份有限公司");
        assert_eq!(
            normalise_name(" 金田实业（集团） 股份有限公司\u{200B}"),
            name
        );
        assert_eq!(normalise_name("金田实业【集团】股份有限公司"), name);
        assert_eq!(normalise_name("ＴＣＬ科技"), normalise_name("tcl 科技"));
        assert_ne!(
            normalise_name("金田实业(集团)有限公司"),
            name,
            "the legal suffix is part of the name"
        );
    }

    #[test]
    fn marks_of_short_names_go() {
        for name in [
            "*ST国华",
            "ST国华",
            "＊ＳＴ国 华",
            "国华-U",
            "S*ST国华",
            "国华－Ｗ",
            "国华-UW",
            "国华",
        ] {
            assert_eq!(normalise_short_name(name), "国华", "{name}");
        }
        assert_eq!(normalise_short_name("STM"), "stm");
        assert_eq!(normalise_short_name("*ST"), "*st");
        assert_eq!(normalise_short_name("万  科Ａ"), "万科a");
    }

    #[test]
    fn provinces_lose_their_suffix() {
        for (long, short) in [
            ("广东省", "广东"),
            ("北京市", "北京"),
            ("广西壮族自治区", "广西"),
            ("新疆维吾尔自治区", "新疆"),
            ("宁夏回族自治区", "宁夏"),
            ("内蒙古自治区", "内蒙古"),
            ("西藏自治区", "西藏"),
            ("香港特别行政区", "香港"),
            (" 贵州 ", "贵州"),
            ("省", "省"),
        ] {
            assert_eq!(province_without_suffix(long), short);
        }
    }

    #[test]
    fn stored_names_are_tidy_and_keep_their_brackets() {
        assert_eq!(tidy_name("万  科Ａ"), ("万科A".to_string(), true));
        assert_eq!(
            tidy_name(" Ping  An\tBank （集团）"),
            ("Ping An Bank（集团）".to_string(), false)
        );
    }

    proptest! {
        #[test]
        fn normalising_twice_changes_nothing(text in any::<String>()) {
            let once = normalise_name(&text);
            prop_assert_eq!(normalise_name(&once), once.clone());
            let short = normalise_short_name(&text);
            prop_assert_eq!(normalise_short_name(&short), short.clone());
            let (tidy, _) = tidy_name(&text);
            prop_assert_eq!(tidy_name(&tidy), (tidy.clone(), false));
            let _ = province_without_suffix(&text);
        }

        #[test]
        fn marks_in_any_mixture_are_stable(text in "(\\*ST|ST|S|-U|-W|国|华| |Ａ){0,8}") {
            let short = normalise_short_name(&text);
            prop_assert_eq!(normalise_short_name(&short), short.clone());
        }
    }
}
