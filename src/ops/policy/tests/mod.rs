mod approvals;
mod attacks;
mod authority;
mod decisions;
mod effects;
mod history;
mod merges;
mod reading;
