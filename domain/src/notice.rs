//! What people are told: kinds of notices, and how they want to hear of them.

use chrono::{DateTime, NaiveDate, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// Notices in the panel of the bell.
pub const BELL_ROWS: u64 = 20;
/// Notices on a page of all.
pub const NOTICE_PAGE: u64 = 50;
/// Days before a claim lapses on which its owner is told.
pub const CLAIM_WARNINGS: [i64; 2] = [7, 1];
/// From this hour of the zone on a working day's digest is made.
pub const DIGEST_HOUR: u32 = 8;
/// A mail that failed this often is given up.
pub const MAIL_ATTEMPTS: i32 = 5;

/// Names each kind with its key and whether those who asked for urgent mail get it at once.
macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident, $key:literal, $urgent:literal;)+) => {
        /// What a notice tells. Its sentence stands in the table of words.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum NoticeKind {
            $($(#[$about])* #[serde(rename = $key)] $kind,)+
        }

        impl NoticeKind {
            pub const ALL: &[Self] = &[$(Self::$kind,)+];

            /// The word in the database.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$kind => $key,)+ }
            }

            /// Whether it is mailed at once to those who asked for that.
            #[must_use]
            pub const fn is_urgent(self) -> bool {
                match self { $(Self::$kind => $urgent,)+ }
            }
        }
    };
}

kinds! {
    /// `by` made the person the owner of `subject`.
    LeadAssigned, "lead_assigned", true;
    /// `by` moved `subject` to the stage `to`.
    StageMoved, "stage_moved", false;
    /// `by` put `subject` into the state `to`; back on the track when it is empty.
    SideStateSet, "side_state_set", false;
    /// The claim on `subject` lapses in `days`; `day` is its last.
    ClaimLapsing, "claim_lapsing", true;
    /// `subject` is beyond the limit of its stage `to`.
    LeadLate, "lead_late", false;
    /// `by` objects to the bureau's claim on `subject`, or the person is one of those who decide.
    ClaimContested, "claim_contested", true;
    /// It is decided who keeps the claim on `subject`.
    ClaimDecided, "claim_decided", true;
    /// `by` offers the lead of `subject` to the bureau.
    TransferProposed, "transfer_proposed", true;
    /// The offer of `subject` was answered; `to` is the key of the answer.
    TransferAnswered, "transfer_answered", false;
    /// The import of the file `subject` is over with `count` rows.
    ImportFinished, "import_finished", false;
    /// The import of the file `subject` broke off.
    ImportFailed, "import_failed", false;
    /// The reminder of the person's task `to` for `subject`, due on `day`.
    TaskDue, "task_due", true;
    /// The chief's task `subject` is due on `day`.
    ChiefTaskDue, "chief_task_due", false;
}

impl NoticeKind {
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.key() == key)
    }
}

/// The blanks of a notice's sentence; each kind fills those that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeDetail {
    /// Who did it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub by: String,
    /// The company, file or task.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subject: String,
    /// The key of a stage or a state.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<i64>,
    /// The page it leads to, when that is not the lead's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub href: String,
}

/// A notice as its reader sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeView {
    pub id: i64,
    pub kind: NoticeKind,
    pub lead_id: Option<i64>,
    pub detail: NoticeDetail,
    pub created_at: DateTime<Utc>,
    pub is_read: bool,
}

impl NoticeView {
    /// The page that shows what it is about.
    #[must_use]
    pub fn href(&self) -> String {
        match self.lead_id {
            Some(lead_id) if self.detail.href.is_empty() => format!("/leads/{lead_id}"),
            _ if self.detail.href.is_empty() => "/notices".to_owned(),
            _ => self.detail.href.clone(),
        }
    }
}

/// Which notices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeQuery {
    #[serde(default)]
    pub unread: bool,
    /// Counted from 0.
    #[serde(default)]
    pub page: u64,
}

/// A page of notices, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePage {
    pub notices: Vec<NoticeView>,
    pub total: u64,
    pub unread: u64,
    pub page: u64,
}

/// What comes over the stream: how many notices wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeSignal {
    pub unread: u64,
}

/// What a person wants to be mailed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailChoice {
    #[default]
    Nothing,
    /// The digest of each working day.
    Digest,
    /// The digest, and urgent notices at once.
    Urgent,
}

impl MailChoice {
    pub const ALL: [Self; 3] = [Self::Nothing, Self::Digest, Self::Urgent];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Digest => "digest",
            Self::Urgent => "urgent",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.key() == key)
    }
}

/// A person's own settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSettings {
    pub email: String,
    pub mail_choice: MailChoice,
    /// Whether this server sends mail at all.
    pub sends_mail: bool,
    /// When the last mail was given up, if it is the last of all.
    pub mail_failed_at: Option<DateTime<Utc>>,
    /// Whether an address of the calendar is in force; the address itself is kept nowhere.
    pub has_calendar: bool,
}

/// Settings as a person changes them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSettingsChange {
    #[serde(default)]
    pub email: String,
    pub mail_choice: MailChoice,
    /// The language of mails: the one of the page on which it is saved.
    pub locale: String,
}

/// Longest address that is taken (RFC 5321, 4.5.3.1.3), in characters.
pub const MAIL_ADDRESS_LIMIT: usize = 254;

/// Whether a text has the form of a mail address: one `@`, a name before it, and a host with a dot behind it.
/// Only printable ASCII without spaces, commas and brackets, which would end the address in a header.
#[must_use]
pub fn is_mail_address(text: &str) -> bool {
    let is_plain = text
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !b"<>(),;:\\\"[]".contains(&byte));
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    is_plain
        && text.len() <= MAIL_ADDRESS_LIMIT
        && !name.is_empty()
        && name.len() <= 64
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && host.contains('.')
        && host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        })
}

/// Which of [`CLAIM_WARNINGS`] stands for a claim that lapses in so many days: the nearest one that has come, so
/// that a server that stood still on the day itself tells it on the next. `None` when none has come, or all is over.
#[must_use]
pub fn claim_warning(days_left: i64) -> Option<i64> {
    CLAIM_WARNINGS
        .into_iter()
        .filter(|warning| (0..=*warning).contains(&days_left))
        .min()
}

/// Whether the digest of a day may be made: a working day, from [`DIGEST_HOUR`] on. `local` is the zone's time.
#[must_use]
pub fn is_digest_time(is_working_day: bool, local: chrono::NaiveTime) -> bool {
    is_working_day && local.hour() >= DIGEST_HOUR
}

/// The pause after so many failed attempts, in minutes: 1, 5, 25, 125.
#[must_use]
pub fn mail_pause_minutes(attempts: i32) -> i64 {
    5_i64.saturating_pow(u32::try_from(attempts - 1).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_keys_are_one_to_one() {
        for kind in NoticeKind::ALL {
            assert_eq!(NoticeKind::from_key(kind.key()), Some(*kind));
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.key());
        }
        for choice in MailChoice::ALL {
            assert_eq!(MailChoice::from_key(choice.key()), Some(choice));
        }
        assert_eq!(NoticeKind::from_key("nothing"), None);
    }

    #[test]
    fn a_claim_is_warned_of_a_week_and_a_day_before_and_not_when_it_is_over() {
        let warnings: Vec<Option<i64>> = [8, 7, 6, 2, 1, 0, -1].map(claim_warning).into();
        assert_eq!(
            warnings,
            [None, Some(7), Some(7), Some(7), Some(1), Some(1), None]
        );
    }

    #[test]
    fn a_digest_waits_for_eight_on_a_working_day() {
        let time = |text: &str| text.parse::<chrono::NaiveTime>().unwrap();
        assert!(!is_digest_time(true, time("07:59:59")));
        assert!(is_digest_time(true, time("08:00:00")));
        assert!(!is_digest_time(false, time("09:00:00")));
    }

    #[test]
    fn pauses_grow_fivefold() {
        assert_eq!([1, 2, 3, 4].map(mail_pause_minutes), [1, 5, 25, 125]);
        assert_eq!(mail_pause_minutes(0), 1);
    }

    #[test]
    fn addresses_have_a_name_and_a_host_and_nothing_that_ends_a_header() {
        for good in ["zhang.wei@example.cn", "a+b@x-1.example.com"] {
            assert!(is_mail_address(good), "{good}");
        }
        let long = format!("{}@example.cn", "a".repeat(65));
        for bad in [
            "",
            "a",
            "@example.cn",
            "a@",
            "a@host",
            "a@b@c.cn",
            "a b@c.cn",
            "a@c.cn\r\nBcc: x@y.cn",
            "a@c..cn",
            "a@-c.cn",
            "<a@c.cn>",
            "a@c.cn,b@c.cn",
            "张伟@example.cn",
            ".a@c.cn",
            "a..b@c.cn",
            long.as_str(),
        ] {
            assert!(!is_mail_address(bad), "{bad}");
        }
    }

    #[test]
    fn a_notice_leads_to_its_page_or_its_lead() {
        let mut notice = NoticeView {
            id: 1,
            kind: NoticeKind::StageMoved,
            lead_id: Some(7),
            detail: NoticeDetail::default(),
            created_at: DateTime::UNIX_EPOCH,
            is_read: false,
        };
        assert_eq!(notice.href(), "/leads/7");
        notice.detail.href = "/imports/3".to_owned();
        assert_eq!(notice.href(), "/imports/3");
        notice.detail.href.clear();
        notice.lead_id = None;
        assert_eq!(notice.href(), "/notices");
    }
}
