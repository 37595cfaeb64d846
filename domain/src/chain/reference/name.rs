//! Which texts are no names of products. The rules are few and each looks at the form of a text
//! only; a text they let through may still be nonsense.

use serde::{Deserialize, Serialize};

/// The most characters a name may have.
pub const MAX_NAME: usize = 30;

/// What is wrong with a name, in the order in which it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameProblem {
    /// Nothing but white space.
    Empty,
    /// More than [`MAX_NAME`] characters.
    TooLong,
    /// Neither a letter nor a Chinese character: 2.1.5.
    NoLetters,
    /// One character that stands for no material: 饱. Metals, gases and the basic materials keep
    /// theirs: 钢, 氧, 糖.
    OneCharacter,
    /// Part of a sentence, by its marks: an ellipsis, a lost character, half a pair of brackets or
    /// quotation marks. 料酒（ or 硅”.
    Punctuation,
    /// Part of a sentence, by its words: 以甲基乙烯基硅橡胶, 用于建材, 玻璃制成.
    Clause,
    /// A property or a document instead of a thing: 建筑防水材料技术指标.
    Facet,
    /// An amount in a recipe: 大葱适量.
    Quantity,
}

/// Materials named by one character that the two ranges of metals and gases leave out.
const ONE_CHARACTER: &str = "糖盐油水酒醋茶奶蛋米面麦豆肉鱼虾鸡鸭猪牛羊棉麻丝毛皮纱线绳布纸木竹板砖瓦石砂沙泥\
    煤焦炭碳硅硫磷砷硒硼碘溴碲萘苯酚醇酸碱胺酯醚酮醛烯烃釉漆胶膜蜡药血花草葱姜蒜果枣梨桃瓜菜菇\
    伞鞋帽衣灯车船阀泵管轴笔钟表床桌椅柜门窗";

/// Words that begin a clause, and beginnings of names that look like one.
const CLAUSES: [(&str, &[&str]); 10] = [
    ("以", &["以太", "以色列"]),
    ("由", &[]),
    (
        "用",
        &["用户", "用电", "用水", "用品", "用具", "用油", "用途"],
    ),
    ("将", &["将军"]),
    ("把", &["把手"]),
    ("是", &[]),
    ("在", &["在线", "在轨", "在役"]),
    ("从", &["从动", "从手", "从站", "从机"]),
    ("采用", &[]),
    ("使用", &[]),
];

/// Words that tell how something is made wherever they stand.
const MADE: [&str; 3] = ["制成", "而成", "做成"];

/// Last words of what is no thing.
const FACETS: [&str; 13] = [
    "指标", "参数", "性能", "特性", "特点", "方法", "规格", "型号", "用途", "标准", "说明", "要求",
    "条款",
];

/// Words that give an amount without a number, at the end or the beginning.
const AMOUNTS: [&str; 4] = ["适量", "少许", "少量", "若干"];

/// What is wrong with a name; `None` for one that may be a product. `folded` is the text after
/// [`crate::text::fold`], so that full-width marks are half-width.
pub fn name_problem(folded: &str) -> Option<NameProblem> {
    let mut characters = folded.chars();
    let Some(first) = characters.next() else {
        return Some(NameProblem::Empty);
    };
    if folded.chars().count() > MAX_NAME {
        return Some(NameProblem::TooLong);
    }
    if !folded.chars().any(char::is_alphabetic) {
        return Some(NameProblem::NoLetters);
    }
    if characters.next().is_none() && !is_material(first) {
        return Some(NameProblem::OneCharacter);
    }
    if is_broken(folded) {
        return Some(NameProblem::Punctuation);
    }
    if is_clause(folded) {
        return Some(NameProblem::Clause);
    }
    if FACETS.iter().any(|word| folded.ends_with(word)) {
        return Some(NameProblem::Facet);
    }
    if AMOUNTS
        .iter()
        .any(|word| folded.ends_with(word) || folded.starts_with(word))
    {
        return Some(NameProblem::Quantity);
    }
    None
}

/// Whether one character names a material: those written with 钅 or 气, and the list above.
fn is_material(character: char) -> bool {
    matches!(character, '\u{9486}'..='\u{9576}' | '\u{6c15}'..='\u{6c32}' | '金')
        || ONE_CHARACTER.contains(character)
}

/// Marks of a sentence, or marks that come in pairs with one of the pair missing.
fn is_broken(folded: &str) -> bool {
    let mut open: Vec<char> = Vec::new();
    let mut straight = 0_u32;
    for character in folded.chars() {
        match character {
            '…' | '?' | '!' | ';' | '。' | '、' | '\u{fffd}' => return true,
            '"' => straight += 1,
            '(' => open.push(')'),
            '[' => open.push(']'),
            '【' => open.push('】'),
            '《' => open.push('》'),
            '“' => open.push('”'),
            '‘' => open.push('’'),
            ')' | ']' | '】' | '》' | '”' if open.pop() != Some(character) => return true,
            // An apostrophe stands alone in foreign names.
            '’' if open.last() == Some(&'’') => {
                open.pop();
            }
            _ => {}
        }
    }
    !open.is_empty() || straight % 2 == 1
}

fn is_clause(folded: &str) -> bool {
    MADE.iter().any(|word| folded.contains(word))
        || CLAUSES.iter().any(|(word, names)| {
            folded.starts_with(word) && !names.iter().any(|name| folded.starts_with(name))
        })
}
