// Package domain owns the rules of arts 11, 15(2) and 17: the gates through which
// a feedback opinion (反馈意见) goes, the two clocks that its receipt and the plan
// (整改方案) start, the chain of group, office and leading group for plan and
// report, and the items that the county works on.
//
// It is plain Go: time, calendar and rule set are arguments. It must not know
// storage, protobuf, contexts or the other services; what they answered is
// handed in. Fields are private, so that the only way to change an object is
// through a rule; the Rehydrate functions are for the store only.
package domain
