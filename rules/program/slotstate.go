package program

import (
	"encoding/binary"
	"slices"

	"github.com/parallax-sec/parallax/event"
)

// slotState is what one evaluator keeps about a slot: the value in the event at hand, and the classes met so far.
// Its memory is bounded whatever the events: maxKeptClasses bytes of classes, and a cache of a fixed size.
type slotState struct {
	*slot
	reader reader
	value  event.Value
	class  *class
	turn   uint64 // the event, or element, that value and class are of
	large  bool   // value holds a long list

	sig     signature
	asked   hitSet
	key     []byte
	made    uint64 // how many classes were made, ever
	kept    int    // bytes of the classes that are kept
	byConst []*class
	byCut   []*class
	byKey   map[string]*class
	recent  []recentText
}

const (
	maxKeptClasses = 1 << 20
	recentTexts    = 512
	recentTextLen  = 239 // makes an entry 256 bytes; what the authorizer gives as a reason is longer than 102
	maxKeptList    = 1024
)

// recentText remembers the class of a text that is no constant.
type recentText struct {
	hash  uint64
	class *class
	size  uint8
	text  [recentTextLen]byte
}

func newSlotState(s *slot) *slotState {
	r, err := newReader(s.term)
	if err != nil {
		panic("program: a term that was compiled: " + err.Error())
	}
	return &slotState{
		slot: s, reader: r,
		sig: signature{marks: newHitSet(s.marks)}, asked: newHitSet(len(s.questions)),
		byConst: make([]*class, s.marks), byCut: make([]*class, 2*len(s.cuts)+1), byKey: map[string]*class{},
	}
}

// read returns the value, read once a turn.
func (s *slotState) read(e event.Event, elem int, turn uint64) *event.Value {
	if s.turn == turn {
		return &s.value
	}
	if s.large {
		s.value = event.Value{}
	}
	s.turn, s.class = turn, nil
	s.reader.read(e, elem, &s.value)
	s.large = len(s.value.List()) > maxKeptList
	return &s.value
}

// classify returns the class of the value, read once a turn.
func (s *slotState) classify(e event.Event, elem int, turn uint64) *class {
	v := s.read(e, elem, turn)
	if s.class == nil {
		s.class = s.classOfValue(v)
	}
	return s.class
}

// known says whether the value was classified in this turn.
func (s *slotState) known(turn uint64) bool { return s.turn == turn && s.class != nil }

func (s *slotState) classOfValue(v *event.Value) *class {
	switch v.Kind() {
	case event.KindText:
		return s.classOfText(v)
	case event.KindNumber:
		return s.classOfNumber(v)
	case event.KindList:
		return s.classOfList(v)
	}
	return s.plain[event.Missing]
}

func (s *slotState) classOfText(v *event.Value) *class {
	text := v.Text()
	hash := hashText(text)
	if n := s.consts.find(hash, text); n >= 0 {
		if s.byConst[n] == nil {
			c := s.scan(v, n)
			s.byConst[n] = c
		}
		return s.byConst[n]
	}
	if !s.scans() {
		return s.plain[event.KindText]
	}
	if len(text) > recentTextLen {
		return s.scan(v, -1)
	}
	if s.recent == nil {
		s.recent = make([]recentText, recentTexts)
	}
	r := &s.recent[hash>>32%recentTexts]
	if r.hash != hash || r.class == nil || string(r.text[:r.size]) != text {
		c := s.scan(v, -1)
		r.hash, r.class, r.size = hash, c, uint8(copy(r.text[:], text))
	}
	return r.class
}

// scan finds the marks of a text; constant is the number of the constant that it is, or -1.
func (s *slotState) scan(v *event.Value, constant int32) *class {
	s.begin(event.KindText)
	if constant >= 0 {
		s.addConst(constant)
	}
	s.sig.other = constant < 0
	s.walk(v.Text())
	s.match(s.matchers, v)
	return s.lookUp()
}

// walk adds the marks of the patterns that are in a text.
func (s *slotState) walk(text string) {
	marks := &s.sig.marks
	if s.prefixes != nil {
		s.prefixes.walk(text, marks)
	}
	if s.suffixes != nil {
		s.suffixes.walkBack(text, marks)
	}
	if s.parts != nil {
		s.parts.scan(text, marks)
	}
	if s.folded != nil {
		s.folded.scan(text, marks)
	}
}

func (s *slotState) classOfNumber(v *event.Value) *class {
	cut, found := slices.BinarySearch(s.cuts, v.Number())
	cut *= 2
	if found {
		cut++
	}
	if s.byCut[cut] == nil {
		s.begin(event.KindNumber)
		s.match(s.numbers, v)
		c := s.lookUp()
		s.byCut[cut] = c
	}
	return s.byCut[cut]
}

func (s *slotState) classOfList(v *event.Value) *class {
	s.begin(event.KindList)
	for _, text := range v.List() {
		if n := s.consts.find(hashText(text), text); n >= 0 {
			s.addConst(n)
		} else {
			s.sig.other = true
		}
		s.walk(text)
	}
	s.match(s.matchers, v)
	return s.lookUp()
}

func (s *slotState) begin(kind event.Kind) {
	s.sig.kind, s.sig.other, s.sig.consts = kind, false, 0
	s.sig.marks.reset()
}

func (s *slotState) addConst(n int32) {
	if s.sig.marks.add(n) {
		s.sig.consts++
	}
}

func (s *slotState) match(matchers []slotMatcher, v *event.Value) {
	for i := range matchers {
		m := &matchers[i]
		if (m.after < 0 || s.sig.marks.has(m.after)) && m.matcher.match(v) {
			s.sig.marks.add(m.mark)
		}
	}
}

// lookUp returns the class of the signature.
func (s *slotState) lookUp() *class {
	marks := s.sig.marks.members
	if len(marks) == 0 {
		return s.plain[s.sig.kind]
	}
	slices.Sort(marks)
	s.key = append(s.key[:0], byte(s.sig.kind), boolByte(s.sig.other))
	for _, m := range marks {
		s.key = binary.LittleEndian.AppendUint32(s.key, uint32(m))
	}
	c := s.byKey[string(s.key)]
	if c == nil {
		c = s.keep(s.classOf(&s.sig, &s.asked))
	}
	return c
}

// keep remembers a class. When there are too many, all are forgotten: they are quickly made again.
func (s *slotState) keep(c *class) *class {
	if s.kept += len(s.key) + 8*len(c.answers) + 128; s.kept > maxKeptClasses {
		clear(s.byKey)
		clear(s.byConst)
		clear(s.byCut)
		s.kept = 0
	}
	s.made++
	s.byKey[string(s.key)] = c
	return c
}

func boolByte(b bool) byte {
	if b {
		return 1
	}
	return 0
}
