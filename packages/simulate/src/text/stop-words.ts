/**
 * The commonest function words of languages written in Latin and Cyrillic letters: what tells one from another, and what
 * says nothing of a text's subject.
 */
export const stopWords: Readonly<Record<string, readonly string[]>> = {
  en: list(
    "the of and to in is was for that on as with by at from it an be this are which or his her their were not but have has had its who what when where how does did do he she they been would can could will should may about into than then there these those",
  ),
  de: list(
    "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine einer eines einem als auch es an werden aus er hat dass sie nach wird bei sind noch wie um über so zum war haben nur oder aber vor zur bis mehr durch man wurde wer wann wo warum welche welcher welches kann",
  ),
  fr: list(
    "le la les de des du et en un une est que qui dans pour par sur avec au aux pas plus ce cette ces il elle ils sont son sa ses ou mais comme été être a ont quel quelle quels quelles où quand comment pourquoi se ne leur nous vous sans entre était fut",
  ),
  es: list(
    "el la los las de del y en un una es que por para con al se su sus como más pero fue o este esta son ha lo no le entre cuando desde sobre también hasta hay donde quien qué cuál cuáles cómo cuándo dónde quién quiénes era ser sin muy años",
  ),
  it: list(
    "il lo la i gli le di del della dei delle e in un una è che per con al alla si su come più ma fu da dal dalla nel nella sono ha anche non questo questa quale quali quando dove chi cosa perché essere stato stata era tra fra ed o",
  ),
  pt: list(
    "o a os as de do da dos das e em um uma é que por para com ao à se no na nos nas como mais mas foi ou este esta são não seu sua pelo pela também quando onde quem qual quais entre até era ser muito já foram",
  ),
  nl: list(
    "de het een en van in is dat op te voor met zijn aan door als bij uit om ook naar er maar niet werd wordt was deze dit die heeft hij zij ze wie wat wanneer waar hoe welke of over tot dan nog worden tussen kan",
  ),
  sv: list(
    "och i att en ett det som på är av för med den till inte har de om var från han hon men sig så vid kan eller när vad vem hur vilken vilket blev under efter också mellan ska skulle",
  ),
  da: list(
    "og i at en et det som på er af for med den til ikke har de om var fra han hun men sig så ved kan eller når hvad hvem hvor hvordan hvilken hvilket blev under efter også mellem skal blive",
  ),
  pl: list(
    "i w na z się do nie jest to że jako od o po przez za dla oraz ale był była było są ten ta który która które kto co kiedy gdzie jak jego jej ich może tylko czy został",
  ),
  tr: list(
    "ve bir bu da de için ile olarak olan en çok daha gibi kadar sonra ne kim nerede nasıl hangi değil olduğu tarafından ise ya ama",
  ),
  fi: list(
    "ja on ei se että oli joka hän sen mutta kun niin tai myös ovat mitä kuka missä milloin miten mikä ole kuin hänen jotka sekä",
  ),
  id: list(
    "yang dan di dari untuk dengan pada adalah ini itu dalam tidak ke oleh sebagai akan juga atau apa siapa kapan dimana bagaimana mana telah karena",
  ),
  ru: list(
    "и в не на что с как это по из у за от к о для но он она они был была были его её их или кто когда где который которая которые какой какая какие почему также при до же во со так",
  ),
  uk: list(
    "і в не на що з як це по із у за від до для але він вона вони був була були його її їх або хто коли де який яка які чому також при та",
  ),
};

function list(words: string): readonly string[] {
  return words.split(" ");
}
