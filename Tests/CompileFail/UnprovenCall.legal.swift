// The same figure from one that promises it.
import SessionEngine
import StimulusModel

@_noLocks func step(_ command: OperatorCommand) -> Bool { command.code == 0 }
