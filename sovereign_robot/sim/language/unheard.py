"""What people say to a robot that no task can do: for a reader to learn, and to prove, that it does not know.

`TAUGHT` may be said in training. `UNHEARD` never is: it measures how many of such sentences are recognised.
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for line in text.strip().splitlines() for part in line.split(" | "))


TAUGHT = _listed(
    """
    fly | fly to the ceiling | jump | dance with me | walk to the kitchen | come here | go home
    go away | turn around | stand up | look at me | wave your hand | shake my hand | stop
    wait a moment | hurry up | never mind | do nothing | do something | start | make tea | cook dinner
    boil an egg | bake a cake | wash the dishes | clean the window | wipe the table | sweep the floor
    fold the laundry | water the plants | feed the cat | walk the dog | open the window | open the door
    close the curtains | lock the front door | turn on the light | turn off the radio
    turn up the volume | turn the page | press the doorbell | push the door | push the chair to the wall
    pick up your phone | pick up the phone on the left | lift the table | lift my spirits
    touch the screen | touch your nose | stack the chairs | put on a hat | put out the fire
    put the milk in the fridge | put the plate in the sink | put it in the bin | put everything away
    bring me a beer | bring me the newspaper | take a photo | take the bus to the station
    take out the trash | sort the letters by date | insert a coin | insert the battery | call my mother
    call a taxi | play some music | play chess with me | sing a song | tell me a joke | tell me the time
    write a letter | read the news | translate this sentence | book a flight to Paris | order a pizza
    what is your name | what is the weather like today | what colour is the cube | what can you do
    where is the red cube | where am I | who are you | how are you | how many cubes are there
    why is the sky blue | is the drawer open | are you a robot | did you press the red button
    do you see the green block | good morning | hello robot | hello | thank you very much | thanks
    goodbye | good night | sorry | yes | no | ok | you are great | I am hungry | I am tired | I like red
    red | left | red and blue | the left one | the cube | drawer | the red cube is in the left bin
    the drawer on the left is open | there is a blue block on the table | my favourite colour is green
    be careful | be quiet | not that one | the other one | again | faster | repeat after me
    buy two tickets | drive the car | fix the bicycle | paint the wall red | cut the paper
    throw the ball | kick the block | sit down | charge your battery | restart the computer
    delete all files | asdfghjkl | qwerty | bla bla bla | lorem ipsum dolor sit amet
    bitte gib mir den roten Würfel | mach das Fenster auf | guten Morgen | bonjour monsieur
    mets le cube rouge dans la boîte de gauche | ouvre la porte | 把红色方块放进左边的盒子 | 打开抽屉
    你好 | 문을 열어 주세요 | 안녕하세요 | 飛べ | 空を飛んで | 跳んで | ジャンプして | 踊って | 走って
    歩いて | こっちに来て | あっちへ行って | 止まって | 待って | 急いで | もういい | 何もしないで
    何かして | お茶を入れて | コーヒーを入れてください | ご飯を作って | 料理して | 卵を焼いて
    皿を洗って | 窓を拭いて | 机を拭いて | 床を掃除して | 洗濯物をたたんで | 花に水をやって
    猫に餌をやって | 窓を開けて | ドアを開けて | ドアを閉めてください | カーテンを閉めて | 鍵をかけて
    電気をつけて | 電気を消してください | 音量を上げて | 温度を下げて | ページをめくって | 手を上げて
    手を振って | 足を上げて | 机を持ち上げて | 椅子を押して | 椅子を重ねて | 鼻に触って | 画面に触って
    帽子をかぶって | 牛乳を冷蔵庫に入れて | 本を棚に置いて | それを箱に入れて | 全部片付けて
    ビールを持ってきて | 新聞を持ってきて | 写真を撮って | ゴミを捨てて | お金を入れて | 電池を入れて
    電話して | タクシーを呼んで | 音楽をかけて | 歌って | 冗談を言って | 今何時 | 手紙を書いて
    ニュースを読んで | これを翻訳して | 飛行機を予約して | ピザを注文して | 名前は何ですか
    今日の天気は | キューブは何色ですか | 何ができますか | 赤いキューブはどこ | ここはどこ | あなたは誰
    元気ですか | キューブはいくつありますか | 引き出しは開いていますか | 赤いボタンを押しましたか
    ロボットですか | おはよう | こんにちは | ありがとう | ありがとうございます | さようなら | おやすみ
    ごめんなさい | はい | いいえ | すごいね | お腹が空いた | 疲れた | 赤が好き | 赤 | 左 | 左の方
    赤と青 | キューブ | 引き出し | 赤いキューブは左の箱にあります | 引き出しが開いている
    好きな色は緑です | 気をつけて | 静かに | それじゃない | もう一度 | もっと速く | 切符を買って
    車を運転して | 自転車を直して | 壁を赤く塗って | 紙を切って | ボールを投げて | 座って | 充電して
    再起動して | あいうえお | ああああ | てすと
    """
)
UNHEARD = _listed(
    """
    make coffee | swim across the lake | climb the stairs | run as fast as you can | follow me
    spin around | bow to the guests | clap your hands | blink twice | go to sleep | wake up | relax
    forget it | leave me alone | fry some rice | pour me a glass of water | peel the potatoes
    iron my shirt | vacuum the carpet | make the bed | mow the lawn | brush your teeth | open the fridge
    open your mouth | open the book on page ten | shut up | close your eyes | unlock the gate
    switch on the fan | switch off the television | turn left at the corner | press the brake
    push the swing | lift your leg | lift the lid of the pot | raise the flag | touch the ceiling
    put the shoes on the shelf | put the knife in the dishwasher | put your coat on the chair
    put the purple cube in the left bin | put the red cube in the fridge
    put the golden block in the right box | place the blue cube on the moon | stack the plates
    lift the violet tower | touch the turquoise disc | press the silver button
    open the cupboard on the left | bring the scissors to the left tray
    bring the hammer over to the right tray | insert the red peg into the wall
    turn the steering wheel to the left | push the green cube off the table | eat the red cube
    throw the blue block out of the window | smash the yellow tower | hide the green cube under the bed
    burn the left drawer | give the cup to the dog | do not touch the red cube
    don't open the left drawer | fetch my slippers | carry my suitcase upstairs | sort my emails
    send a message to John | set an alarm for seven | remind me tomorrow | whistle a tune
    count to one hundred | solve this equation | what is the capital of Japan
    what do you think about art | where did you put my glasses | who won the match | how old are you
    when is the next train | why did you do that | can you hear me | have you seen my keys
    was the button pressed yesterday | nice to meet you | happy birthday | good afternoon everybody
    well done | see you later | congratulations | please help me | maybe | I love you | I feel cold
    it is raining outside | blue is nicer than green | the yellow knob is broken
    somebody closed the drawer | something smells strange | be nice | once more | slower please
    the usual | draw a circle | shoot the basketball | repair the washing machine | rent an apartment
    install the update | xkcd zzyzx | hjkl uiop | foo bar baz | pon el cubo rojo en la caja izquierda
    abre la puerta por favor | buenos dias amigo | metti il cubo rosso nella scatola | ciao bella
    положи красный куб в коробку | zet de rode kubus in de linker bak | 飛んで | 高く飛んでください
    泳いで | 転がって | ついてきて | 回れ右 | お辞儀して | 拍手して | 寝て | 起きて | 休んで | 忘れて
    ほうっておいて | チャーハンを作って | 水を一杯ください | じゃがいもの皮をむいて
    シャツにアイロンをかけて | 掃除機をかけて | 布団を敷いて | 歯を磨いて | 冷蔵庫を開けて | 口を開けて
    本を開いて | 目を閉じて | 門の鍵を開けて | 扇風機をつけて | テレビを消して | 次の角を左に曲がって
    ブレーキを踏んで | ぶらんこを押して | 鍋のふたを持ち上げて | 旗を上げて | 天井に触って
    靴を棚に置いて | 包丁を食洗機に入れて | 上着を椅子にかけて | 紫のキューブを左の箱に入れて
    赤いキューブを冷蔵庫に入れて | 金色のブロックを右の箱に入れて | 青いキューブを月に置いて
    皿を重ねて | 桃色の塔を持ち上げて | 水色の円盤に触って | 銀色のボタンを押して | 左の戸棚を開けて
    はさみを左のトレイに運んで | 金づちを右のお盆に持ってきて | 赤いペグを壁に差し込んで
    ハンドルを左に回して | 緑のキューブを床に落として | 赤いキューブを食べて
    青いブロックを窓から投げて | 黄色い塔を壊して | 緑のキューブをベッドの下に隠して
    左の引き出しを燃やして | コップを犬にあげて | 赤いキューブに触らないで | 左の引き出しを開けるな
    スリッパを取ってきて | 荷物を二階に運んで | メールを整理して | 太郎にメッセージを送って
    七時に起こして | 明日教えて | 口笛を吹いて | 百まで数えて | この式を解いて | 日本の首都はどこですか
    芸術についてどう思いますか | 私の眼鏡はどこに置きましたか | 試合はどちらが勝ちましたか | 何歳ですか
    次の電車はいつですか | どうしてそんなことをしたの | 聞こえますか | 鍵を見ましたか | はじめまして
    お誕生日おめでとう | 皆さんこんばんは | よくできました | また後で | 助けて | たぶん | 愛してる
    寒いです | 外は雨です | 青は緑よりきれいだ | 黄色いつまみは壊れています | 誰かが引き出しを閉めた
    変な匂いがする | いい子にして | もう少しゆっくり | いつもの | 円を描いて | シュートして
    洗濯機を修理して | 部屋を借りて | 更新をインストールして | らりるれろ | ふにゃふにゃ
    かきくけこさしすせそ
    """
)
