// A function of another module that does not promise it may lock: it is refused until it promises.
import SessionEngine
import StimulusModel

@_noLocks func step(_ block: WordBlock) -> Bool {
    JournalEntry.tick(block) == 0
    // expected-error@-1 {{called function is not available in this module and can have unpredictable performance}}
}
